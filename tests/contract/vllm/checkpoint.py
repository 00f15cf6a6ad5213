"""Makes a small Qwen3.5 mixture-of-experts checkpoint: the reference model's architecture, random weights, one token a
byte. Run by vLLM's own Python: `python -m tests.contract.vllm.checkpoint FOLDER`.

Asked at temperature 0 it answers in printable ASCII and never ends by itself: every other token's output weights are 0.
"""

import string
import sys
from pathlib import Path
from typing import Final

import torch  # type: ignore[import-not-found]
from tokenizers import (  # type: ignore[import-not-found]
    AddedToken,
    Tokenizer,
    decoders,
    models,
    pre_tokenizers,
)
from transformers import (  # type: ignore[import-not-found]
    PreTrainedTokenizerFast,
    Qwen3_5MoeConfig,
    Qwen3_5MoeForConditionalGeneration,
)

SEED: Final = 35
HIDDEN: Final = 128
CONTEXT_LENGTH: Final = 4096
CONTROL: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")
CONTROL_VIDEO: Final = "<|video_pad|>"
MARKS: Final = ("<think>", "</think>", "<tool_call>", "</tool_call>")
"""Read by vLLM's parsers; text, not control tokens, as in the published tokenizer."""


def make_tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*CONTROL, CONTROL_VIDEO])
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=Path(__file__).with_name("chat_template.jinja").read_text(),
    )


def make_config(tokenizer: PreTrainedTokenizerFast) -> Qwen3_5MoeConfig:
    number = tokenizer.convert_tokens_to_ids
    text = {
        "vocab_size": 320,
        "hidden_size": HIDDEN,
        "num_hidden_layers": 4,  # three of linear attention, one of full attention
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 64,
        "linear_num_key_heads": 2,
        "linear_num_value_heads": 4,
        "moe_intermediate_size": 64,
        "shared_expert_intermediate_size": 64,
        "num_experts": 16,
        "num_experts_per_tok": 4,
        "max_position_embeddings": CONTEXT_LENGTH,
        "initializer_range": 0.1,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10_000_000,
            "partial_rotary_factor": 0.25,
            "mrope_interleaved": True,
            "mrope_section": [3, 3, 2],
        },
        "eos_token_id": number("<|im_end|>"),
        "pad_token_id": number("<|endoftext|>"),
    }
    vision = {
        "depth": 1,
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": HIDDEN,
        "num_position_embeddings": 64,
    }
    return Qwen3_5MoeConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=number("<|image_pad|>"),
        video_token_id=number(CONTROL_VIDEO),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
    )


def make_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3_5MoeForConditionalGeneration:
    torch.manual_seed(SEED)
    model = Qwen3_5MoeForConditionalGeneration(make_config(tokenizer)).to(torch.bfloat16)
    printable = tokenizer.convert_tokens_to_ids([*string.ascii_letters, *string.digits, *string.punctuation])
    with torch.no_grad():
        weights = model.lm_head.weight
        kept = weights[printable].clone()
        weights.zero_()
        weights[printable] = kept
    return model


def main(folder: str) -> None:
    tokenizer = make_tokenizer()
    tokenizer.save_pretrained(folder)
    make_model(tokenizer).save_pretrained(folder)


if __name__ == "__main__":
    main(sys.argv[1])
