// After htmx: no inline style element and no evaluated attributes, so that the content security policy stays strict.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
