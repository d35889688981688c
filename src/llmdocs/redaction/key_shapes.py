"""Shapes of keys: what providers' keys look like, whatever variable or message holds them."""

from __future__ import annotations

import re

REDACTED = "[redacted]"
# What a shell, an env file or a reader may leave around a value.
QUOTES_AND_SPACES = "\"'`“”„‘’«» \t\r\n\N{NO-BREAK SPACE}"

# From the rules of gitleaks (config/gitleaks.toml at b58d3f1), trufflehog's detectors and, for the
# 84 characters, Microsoft's Security Utilities ("common annotated security key"); the least length
# is shorter than theirs, since a key that was cut is a secret still. What no scanner lists is from
# the providers' own pages and consoles. A hash, a UUID and a name of words have none of these.
ANYWHERE = (
    # Anthropic, OpenAI (projects, service accounts, administrators), OpenRouter, Alibaba's plans.
    r"sk-(?:ant|proj|svcacct|admin|None|or-v1|sp)-[\w-]{16,}",
    # OpenAI's older ones, DeepSeek, Moonshot, LiteLLM's proxy. A deployment may begin with `sk-`.
    r"(?<![A-Za-z0-9])sk-(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{20,}",
    r"(?<![A-Za-z0-9])sk-(?=[A-Za-z_-]{0,60}\d)(?=[a-z0-9_-]{0,60}[A-Z])[\w-]{20,}",
    # Groq, xAI, Cerebras, Together, Fireworks, Perplexity, NVIDIA.
    r"(?<![A-Za-z0-9])gsk_[A-Za-z0-9]{20,}",
    r"(?<![A-Za-z0-9])xai-[A-Za-z0-9]{20,}",
    r"(?<![A-Za-z0-9])csk-[A-Za-z0-9]{20,}",
    r"tgp_v1_[\w-]{20,}",
    r"(?<![A-Za-z0-9])fw_[A-Za-z0-9]{20,}",
    r"pplx-(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{20,}",
    r"nvapi-[\w-]{20,}",
    # Hugging Face, Replicate.
    r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}",
    r"(?<![A-Za-z0-9])r8_[A-Za-z0-9]{30,}",
    # Google: an API key, an access token.
    r"AIza[\w-]{30,}",
    r"(?<![A-Za-z0-9])ya29\.[\w-]{20,}",
    # GitHub, GitLab.
    r"gh[pousr]_[A-Za-z0-9]{30,}",
    r"github_pat_\w{30,}",
    r"glpat-[\w-]{20,}",
    # AWS: an access key's ID. Its secret has no mark: see ALONE.
    r"(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    # Azure: a resource's key, a client's secret.
    r"[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9]{20,}",
    r"[\w~.]{3}\dQ~[\w~.-]{30,33}[\w~-]",
    # Z.AI: `id.secret`.
    r"(?<![A-Za-z0-9])[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![A-Za-z0-9])",
    # A JSON Web Token, as Azure, Vercel and Google hand out: RFC 7519.
    r"(?<![A-Za-z0-9-])eyJ[\w-]{10,500}\.[\w-]{10,4000}\.[\w-]{10,}",
    r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]|\\[nr])*(?:-----END"
    r"[ A-Z0-9]{0,40}-----)?",
    # RFC 6750, section 2.1, and RFC 7617: a word without a digit is a word of a sentence.
    r"(?i:(?<=bearer )|(?<=basic ))(?=[A-Za-z._~+/=-]{0,200}\d)[\w.~+/=-]{16,}",
)
# Each text that holds one holds one of these as well: next to none has to be searched for all.
MARKS = (
    *("sk-", "gsk_", "xai-", "csk-", "tgp_v1_", "fw_", "pplx-", "nvapi-", "hf_", "r8_", "AIza"),
    *("ya29.", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "A3T", "AKIA"),
    *("ASIA", "ABIA", "ACCA", "JQQJ9", "Q~", "eyJ", "PRIVATE KEY-----"),
)
OTHER_MARKS = (re.compile("bearer |basic ", re.IGNORECASE), re.compile(r"[0-9a-f]{32}\."))
# What is a key where it is the whole value of a variable, and may be a hash elsewhere: Azure's 32
# hexadecimal digits; 32 letters and digits as Mistral's, 40 as Cohere's; AWS's secret of 40
# characters; Together's 64 hexadecimal digits.
ALONE = (
    r"[0-9a-fA-F]{32}",
    r"(?=[A-Za-z]{0,40}\d)(?=[a-z0-9]{0,40}[A-Z])(?=[A-Z0-9]{0,40}[a-z])(?:[A-Za-z0-9]{32}|"
    r"[A-Za-z0-9]{40})",
    r"(?=[A-Za-z/+]{0,40}\d)(?=[a-z0-9/+]{0,40}[A-Z])(?=[A-Z0-9/+]{0,40}[a-z])[A-Za-z0-9/+]{40}",
    r"[0-9a-f]{64}",
)
SHAPE = re.compile("|".join(ANYWHERE))
WHOLE = re.compile("|".join(ALONE))


def without_keys_by_shape(text: str) -> str:
    """A text with `[redacted]` for what has a key's shape."""
    if any(mark in text for mark in MARKS) or any(mark.search(text) for mark in OTHER_MARKS):
        return SHAPE.sub(REDACTED, text)
    return text


def is_like_a_key(value: str) -> bool:
    """Whether a whole value has a key's shape, or what follows its last slash: `openai/sk-…`."""
    value = value.strip(QUOTES_AND_SPACES)
    return bool(WHOLE.fullmatch(value) or SHAPE.fullmatch(value.rpartition("/")[2]))


def shown_value(value: str) -> str:
    """A variable's value with `[redacted]` for each part between slashes that is like a key."""
    shown = _shown_alone(value)
    return shown if shown != value else "/".join(map(_shown_alone, value.split("/")))


def _shown_alone(text: str) -> str:
    """A text with `[redacted]` for all but the quotes around it, if that is like a key."""
    bare = text.strip(QUOTES_AND_SPACES)
    return text.replace(bare, REDACTED) if WHOLE.fullmatch(bare) else without_keys_by_shape(text)
