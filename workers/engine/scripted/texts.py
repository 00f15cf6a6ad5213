"""Longer texts of the scripted parts."""

from typing import Final

# Holds what the workspace must render well, and what it must refuse to render.
MARKDOWN: Final = r"""# Delivery terms

The **contract** names three delivery terms; *two* of them shift the risk early.

| Term | Risk passes | Cost |
|:-----|:-----------:|-----:|
| EXW  | at the works | 0 € |
| FCA  | at the carrier | 120 € |
| DAP  | at the place named | 480 € |

1. Check the place of delivery.
2. Check the insurance:
   - until the port
   - after the port

```python
def total(costs: list[float]) -> float:
    return sum(costs)  # <script>alert(1)</script> is text here
```

The expected delay is $E[d] = \sum_{i=1}^{n} p_i d_i$, and for all lanes

$$
\int_0^1 x^2 \, dx = \frac{1}{3}
$$

> Quoted from the frame contract, section 4.

<script>window.hacked = true</script> <img src="https://tracker.invalid/x.png" onerror="window.hacked = true">
[a link](javascript:window.hacked=true) ![a picture](https://tracker.invalid/y.png)

العقد يحدد ثلاثة شروط للتسليم. 合同规定了三种交货条款。 ✅
"""
