"""Whisper's architecture with whisper.cpp's tensor names."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from gelu import gelu

PHONEME_ROWS = 48


def sinusoids(n, channels):
    inverse = torch.exp(-math.log(10000) / (channels // 2 - 1) * torch.arange(channels // 2))
    angles = torch.arange(n)[:, None] * inverse[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


class LayerNorm(nn.LayerNorm):
    """In fp32: torch 1.13's bf16 form is several times slower on a CPU."""

    def forward(self, x):
        return F.layer_norm(
            x.float(), self.normalized_shape, self.weight.float(), self.bias.float(), self.eps
        ).to(x.dtype)


class Attention(nn.Module):
    """Heads folded into the batch; no bias on the keys, as in Whisper. `mask` is added before the softmax."""

    def __init__(self, d, heads):
        super().__init__()
        self.h = heads
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d, bias=False)
        self.value = nn.Linear(d, d)
        self.out = nn.Linear(d, d)

    def forward(self, x, src=None, mask=None):
        src = x if src is None else src
        B, T, D = x.shape
        S = src.shape[1]
        hd = D // self.h
        q = (self.query(x) * hd**-0.5).view(B, T, self.h, hd).transpose(1, 2).reshape(B * self.h, T, hd)
        k = self.key(src).view(B, S, self.h, hd).permute(0, 2, 3, 1).reshape(B * self.h, hd, S)
        v = self.value(src).view(B, S, self.h, hd).transpose(1, 2).reshape(B * self.h, S, hd)
        w = torch.bmm(q, k)
        if mask is not None:
            w = w + mask
        o = torch.bmm(w.softmax(-1), v)
        return self.out(o.view(B, self.h, T, hd).transpose(1, 2).reshape(B, T, D))


class Block(nn.Module):
    """Norm before each step; `cross` for the decoder, which also attends to the encoder."""

    def __init__(self, d, heads, cross):
        super().__init__()
        self.attn = Attention(d, heads)
        self.attn_ln = LayerNorm(d)
        if cross:
            self.cross_attn = Attention(d, heads)
            self.cross_attn_ln = LayerNorm(d)
        self.mlp = nn.ModuleDict({"0": nn.Linear(d, 4 * d), "2": nn.Linear(4 * d, d)})
        self.mlp_ln = LayerNorm(d)
        self.cross = cross

    def forward(self, x, src=None, mask=None):
        x = x + self.attn(self.attn_ln(x), mask=mask)
        if self.cross:
            x = x + self.cross_attn(self.cross_attn_ln(x), src)
        return x + self.mlp["2"](gelu(self.mlp["0"](self.mlp_ln(x))))


class Encoder(nn.Module):
    """Log-mel [batch, frames of 10 ms, 80] to [batch, frames of 20 ms, d]. No padding mask: padding is silence."""

    def __init__(self, d, heads, layers, n_mels=80):
        super().__init__()
        self.conv1 = nn.Conv1d(n_mels, d, 3, padding=1)
        self.conv2 = nn.Conv1d(d, d, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(Block(d, heads, False) for _ in range(layers))
        self.ln_post = LayerNorm(d)
        self.register_buffer("pos", sinusoids(1500, d), persistent=False)

    def forward(self, mel):
        x = gelu(self.conv1(mel.transpose(1, 2)))
        x = gelu(self.conv2(x)).transpose(1, 2)
        x = x.contiguous() + self.pos[: x.shape[1]].to(x.dtype)
        for b in self.blocks:
            x = b(x)
        return self.ln_post(x)


class Decoder(nn.Module):
    """Rows of tokens [batch, length] and the encoder's output to [batch, length, d]."""

    def __init__(self, d, heads, layers, rows, n_ctx=448):
        super().__init__()
        self.token_embedding = nn.Embedding(rows, d)
        self.positional_embedding = nn.Parameter(torch.randn(n_ctx, d) * 0.02)
        self.blocks = nn.ModuleList(Block(d, heads, True) for _ in range(layers))
        self.ln = LayerNorm(d)

    def forward(self, tok, src):
        L = tok.shape[1]
        x = self.token_embedding(tok) + self.positional_embedding[:L]
        mask = torch.full((L, L), -1e4, dtype=x.dtype).triu(1)
        for b in self.blocks:
            x = b(x, src, mask)
        return self.ln(x)


class Whisper(nn.Module):
    """`rows` trained tokens, the last of which stands for `n_dead` ids that are never said.

    Its logit gets log(n_dead), so that the softmax is that of the full table: unused ids cannot win after the export.
    `ctc` and `ph` (phonemes) are aids for the encoder's training and are not exported.
    """

    def __init__(self, rows, n_text, d=256, heads=4, enc=4, dec=3, n_dead=1):
        super().__init__()
        self.cfg = dict(rows=rows, n_text=n_text, d=d, heads=heads, enc=enc, dec=dec, n_dead=n_dead)
        self.encoder = Encoder(d, heads, enc)
        self.decoder = Decoder(d, heads, dec, rows)
        self.ctc = nn.Linear(d, n_text + 1)
        self.ph = nn.Linear(d, PHONEME_ROWS)
        self._begin()
        off = torch.zeros(rows)
        off[-1] = math.log(n_dead)
        self.register_buffer("off", off, persistent=False)

    def _begin(self):
        for name, weight in self.named_parameters():
            if weight.dim() == 2 and "positional" not in name:
                nn.init.normal_(weight, std=0.02 if "token" in name else 1 / math.sqrt(weight.shape[1]))
            if name.endswith("out.weight") or name.endswith("mlp.2.weight"):
                weight.data.mul_(0.5)
            if name.endswith("bias") and "ln" not in name:
                nn.init.zeros_(weight)

    def logits(self, x):
        return F.linear(x, self.decoder.token_embedding.weight).float() + self.off
