// A classic script of the frame in which diagrams are drawn: it has no origin, no network and nothing of the page.
(() => {
  /** The most that is read; what goes beyond it is not drawn. */
  const LONGEST_SOURCE = 20_000;
  const MOST_EDGES = 300;
  /** What a diagram may not set for itself. */
  const SETTLED = [
    "secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "htmlLabels",
    "themeCSS", "fontFamily", "altFontFamily", "dompurifyConfig",
  ];

  /**
   * @param {{ source: string, dark: boolean }} wanted
   * @returns {Promise<{ svg: string } | { problem: string }>}
   */
  async function draw({ source, dark }) {
    const mermaid = /** @type {any} */ (globalThis).mermaid;
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      maxTextSize: LONGEST_SOURCE,
      maxEdges: MOST_EDGES,
      suppressErrorRendering: true,
      theme: dark ? "dark" : "neutral",
      fontFamily: "system-ui, sans-serif",
      secure: SETTLED,
    });
    try {
      if (source.length > LONGEST_SOURCE) throw new Error("too long");
      return { svg: (await mermaid.render("drawing", source)).svg };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }

  addEventListener("message", (event) => {
    const [port] = event.ports;
    if (event.source === parent && port) void draw(event.data).then((drawn) => port.postMessage(drawn));
  });
})();
