"""An engine without a model that plays named parts, for tests and benchmarks.

It speaks the wire format of vLLM and, in the parts that say so, that of llama.cpp. A part is
chosen by the model's name (`part-drip`) or, first, by a marker in the last user message
(`[[part:drip tokens=5 tokens_per_s=200]]`).
"""

from workers.engine.scripted.parts import PARTS, TOKEN, PartOptions
from workers.engine.scripted.refusals import REFUSALS
from workers.engine.scripted.server import ScriptedEngine

__all__ = ["PARTS", "REFUSALS", "TOKEN", "PartOptions", "ScriptedEngine"]
