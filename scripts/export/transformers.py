# SPDX-License-Identifier: Apache-2.0
"""Transformers and an LSTM, written in torch.nn terms the way published models are written.

The point is the graph that comes out: heads split by view and permute, masks made in the graph, sizes read from the
input. With dynamic axes the exporter turns these into the Shape, Gather, Concat, Slice and Unsqueeze chains that real
files have, so nothing here is simplified for the reader's sake.
"""
import math

import torch
from torch import nn


class BertEmbeddings(nn.Module):
    def __init__(self, vocabulary, hidden, positions, token_types):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocabulary, hidden, padding_idx=0)
        self.position_embeddings = nn.Embedding(positions, hidden)
        self.token_type_embeddings = nn.Embedding(token_types, hidden)
        self.LayerNorm = nn.LayerNorm(hidden, eps=1e-12)
        self.dropout = nn.Dropout(0.1)
        self.register_buffer("position_ids", torch.arange(positions).expand((1, -1)))

    def forward(self, input_ids, token_type_ids):
        seq = input_ids.size(1)
        embeddings = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        embeddings = embeddings + self.position_embeddings(self.position_ids[:, :seq])
        return self.dropout(self.LayerNorm(embeddings))


class BertSelfAttention(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.head_size = hidden // heads
        self.query = nn.Linear(hidden, hidden)
        self.key = nn.Linear(hidden, hidden)
        self.value = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(0.1)

    def split_heads(self, x):
        return x.view(x.size()[:-1] + (self.heads, self.head_size)).permute(0, 2, 1, 3)

    def forward(self, hidden_states, mask):
        query = self.split_heads(self.query(hidden_states))
        key = self.split_heads(self.key(hidden_states))
        value = self.split_heads(self.value(hidden_states))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(self.head_size)
        weights = self.dropout(nn.functional.softmax(scores + mask, dim=-1))
        context = torch.matmul(weights, value).permute(0, 2, 1, 3).contiguous()
        return context.view(context.size()[:-2] + (self.heads * self.head_size,))


class BertLayer(nn.Module):
    """Post-norm: attention, add, norm; feed-forward, add, norm."""

    def __init__(self, hidden, heads, feed_forward):
        super().__init__()
        self.attention = BertSelfAttention(hidden, heads)
        self.attention_output = nn.Linear(hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden, eps=1e-12)
        self.intermediate = nn.Linear(hidden, feed_forward)
        self.output = nn.Linear(feed_forward, hidden)
        self.output_norm = nn.LayerNorm(hidden, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x, mask):
        x = self.attention_norm(self.dropout(self.attention_output(self.attention(x, mask))) + x)
        inner = nn.functional.gelu(self.intermediate(x))
        return self.output_norm(self.dropout(self.output(inner)) + x)


class Bert(nn.Module):
    """BERT with its pooler, after Devlin et al. 2018; every input is [batch, seq]."""

    def __init__(self, layers, hidden, heads, feed_forward, vocabulary=30522, positions=512, token_types=2):
        super().__init__()
        self.embeddings = BertEmbeddings(vocabulary, hidden, positions, token_types)
        self.layer = nn.ModuleList(BertLayer(hidden, heads, feed_forward) for _ in range(layers))
        self.pooler = nn.Linear(hidden, hidden)

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden_states = self.embeddings(input_ids, token_type_ids)
        mask = attention_mask[:, None, None, :].to(hidden_states.dtype)
        mask = (1.0 - mask) * torch.finfo(hidden_states.dtype).min
        for layer in self.layer:
            hidden_states = layer(hidden_states, mask)
        return hidden_states, torch.tanh(self.pooler(hidden_states[:, 0]))


class Gpt2Projection(nn.Module):
    """GPT-2 keeps its weights as [in, out] and flattens batch and seq: a Gemm between two Reshapes, not a MatMul."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs).normal_(std=0.02))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        flat = torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight)
        return flat.view(x.size()[:-1] + (self.bias.size(0),))


class Gpt2Attention(nn.Module):
    def __init__(self, hidden, heads, positions):
        super().__init__()
        self.heads = heads
        self.head_size = hidden // heads
        self.hidden = hidden
        self.c_attn = Gpt2Projection(hidden, 3 * hidden)
        self.c_proj = Gpt2Projection(hidden, hidden)
        causal = torch.tril(torch.ones(positions, positions, dtype=torch.bool))
        self.register_buffer("causal", causal.view(1, 1, positions, positions))

    def split_heads(self, x):
        return x.view(x.size()[:-1] + (self.heads, self.head_size)).permute(0, 2, 1, 3)

    def forward(self, x):
        query, key, value = (self.split_heads(part) for part in self.c_attn(x).split(self.hidden, dim=2))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(self.head_size)
        seq = query.size(-2)
        lowest = torch.full([], torch.finfo(scores.dtype).min, dtype=scores.dtype)
        scores = torch.where(self.causal[:, :, :seq, :seq], scores, lowest)
        context = torch.matmul(nn.functional.softmax(scores, dim=-1), value).permute(0, 2, 1, 3).contiguous()
        return self.c_proj(context.view(context.size()[:-2] + (self.hidden,)))


class Gpt2Block(nn.Module):
    """Pre-norm: norm, attention, add; norm, feed-forward, add."""

    def __init__(self, hidden, heads, positions):
        super().__init__()
        self.ln_1 = nn.LayerNorm(hidden, eps=1e-5)
        self.attn = Gpt2Attention(hidden, heads, positions)
        self.ln_2 = nn.LayerNorm(hidden, eps=1e-5)
        self.c_fc = Gpt2Projection(hidden, 4 * hidden)
        self.c_proj = Gpt2Projection(4 * hidden, hidden)

    @staticmethod
    def gelu(x):
        """The tanh form, spelled out as GPT-2 does."""
        return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.c_proj(self.gelu(self.c_fc(self.ln_2(x))))


class Gpt2(nn.Module):
    """GPT-2 over a whole prompt, after Radford et al. 2019; the output projection is the word table itself."""

    def __init__(self, layers, hidden, heads, vocabulary=50257, positions=1024):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, hidden)
        self.wpe = nn.Embedding(positions, hidden)
        self.h = nn.ModuleList(Gpt2Block(hidden, heads, positions) for _ in range(layers))
        self.ln_f = nn.LayerNorm(hidden, eps=1e-5)
        self.lm_head = nn.Linear(hidden, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, input_ids):
        position_ids = torch.arange(0, input_ids.size(-1), dtype=torch.long).unsqueeze(0)
        x = self.wte(input_ids) + self.wpe(position_ids)
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


class LstmLanguageModel(nn.Module):
    """Word model of two LSTM layers: the medium one of Zaremba et al. 2014; input_ids is [seq, batch]."""

    def __init__(self, vocabulary=10000, hidden=650, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, dropout=0.5)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, input_ids):
        output, _ = self.lstm(self.embedding(input_ids))
        return self.decoder(output)
