"""`make test` needs no vLLM: these tests are collected only where `make test-vllm` names vLLM's interpreter."""

import os

collect_ignore_glob = [] if "CONTRACT_VLLM_PYTHON" in os.environ else ["test_*.py"]
