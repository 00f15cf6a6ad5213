import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.engine.protocol import (
    ChatMessage,
    ChatRequest,
    ImagePart,
    Sampling,
    TextPart,
    Thinking,
    ToolCall,
    check_cache_salt,
    replace_surrogates,
)

HELLO = ChatMessage("user", "Hello")


def test_body_of_a_full_request() -> None:
    tool = {"type": "function", "function": {"name": "search", "parameters": {}}}
    request = ChatRequest(
        model="m",
        messages=[ChatMessage("system", "Be brief."), HELLO],
        thinking=Thinking(enabled=True, budget_tokens=512),
        sampling=Sampling(temperature=0.6, top_p=0.95, top_k=20),
        max_tokens=100,
        tools=[tool],
        cache_salt="abc_-",
        priority=10,
        request_id="run-1",
    )
    assert request.body() == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "chat_template_kwargs": {"enable_thinking": True},
        "thinking_token_budget": 512,
        "tools": [tool],
        "max_tokens": 100,
        "cache_salt": "abc_-",
        "priority": 10,
        "request_id": "run-1",
    }


def test_body_of_the_least_request_leaves_everything_to_the_engine() -> None:
    assert set(ChatRequest("m", [HELLO]).body()) == {"model", "messages", "stream", "stream_options"}


def test_thinking_off_is_said() -> None:
    body = ChatRequest("m", [HELLO], thinking=Thinking(enabled=False)).body()
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert "thinking_token_budget" not in body


def test_messages_with_tools_and_images() -> None:
    asked = ChatMessage("assistant", None, tool_calls=[ToolCall("c1", "search", "{}")])
    assert asked.body() == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{}"}}],
    }
    assert ChatMessage("tool", "found", tool_call_id="c1").body()["tool_call_id"] == "c1"
    shown = ChatMessage("user", [TextPart("Read"), ImagePart("data:image/png;base64,AA==")])
    assert [piece["type"] for piece in shown.body()["content"]] == ["text", "image_url"]  # type: ignore[attr-defined]


def test_an_engine_is_never_told_to_fetch() -> None:
    with pytest.raises(ValueError, match="data:image"):
        ImagePart("https://example.com/a.png")


@pytest.mark.parametrize("salt", ["", "a" * 129, "a@b", "a/b", "a\\b", "a\0b"])
def test_salts_that_the_engine_refuses(salt: str) -> None:
    with pytest.raises(ValueError, match="cache salt"):
        ChatRequest("m", [HELLO], cache_salt=salt)


@pytest.mark.parametrize("salt", ["a", "a" * 128, "Zm9v-_=", "0123abcdef"])
def test_salts_that_the_engine_takes(salt: str) -> None:
    assert check_cache_salt(salt) == salt


def test_requests_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match="message"):
        ChatRequest("m", [])
    with pytest.raises(ValueError, match="max_tokens"):
        ChatRequest("m", [HELLO], max_tokens=0)
    with pytest.raises(ValueError, match="budget"):
        Thinking(enabled=False, budget_tokens=5)
    with pytest.raises(ValueError, match="budget"):
        Thinking(enabled=True, budget_tokens=0)


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_sent(text: str) -> None:
    safe = replace_surrogates(text)
    safe.encode()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert safe == text


def test_surrogate_pairs_become_their_character() -> None:
    assert replace_surrogates("a\ud83d\ude00b\ud800") == "a😀b\ufffd"


def test_an_answer_is_continued_without_thinking() -> None:
    begun = [HELLO, ChatMessage("assistant", "Hel")]
    body = ChatRequest("m", begun, thinking=Thinking(enabled=False), continues=True).body()
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert "continue_final_message" not in ChatRequest("m", begun).body()
    with pytest.raises(ValueError, match="continued"):
        ChatRequest("m", [HELLO], continues=True)
    with pytest.raises(ValueError, match="continued"):
        ChatRequest("m", begun, thinking=Thinking(enabled=True), continues=True)
