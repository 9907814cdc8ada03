"""Trains the model on shards.  train.py SHARDS OUT --minutes N [--resume CHECKPOINT]

One single-threaded process per core (three times the throughput of one process with four threads): each computes the
gradient of its share of the batch into shared memory, then updates its slice of the weights. bf16 working copy, fp32 master
weights, AdamW, cosine by wall clock. Stops by itself at --minutes; OUT/last.pt is written every three minutes.
"""

import argparse
import glob
import math
import os
import queue
import random
import threading
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ.setdefault("DNNL_PRIMITIVE_CACHE_CAPACITY", "100000")

import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

import tokens as vocabulary
from batches import add_silence, make_batch, plan_long_windows, plan_windows, read_shard
from model import Whisper
from words import distance

# Shards from this number on were made of pieces cut together (MOSAIC=0.85): they come more often than the others.
FIRST_MOSAIC_SHARD = 300


def read_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("shards")
    add("out")
    add("--minutes", type=float, default=30)
    add("--resume", help="checkpoint to go on from")
    add("--procs", type=int, default=4, help="one per core")
    add("--lr", type=float, default=1.2e-3)
    add("--warm", type=int, default=250, help="steps until the full learning rate")
    add("--val", type=int, default=1, help="shards kept for validation, the first ones")
    add("--ctc", type=float, default=0.5, help="weight of the encoder's aids")
    add("--long", type=float, default=0.55, help="share of the time after which long windows begin")
    add("--final", type=float, default=0.02, help="share of the learning rate that is left at the end")
    add("--corrupt", type=float, default=0.2, help="share of wrong text tokens in the decoder's input")
    add("--seed", type=int, default=1)
    return parser.parse_args()


class Shared:
    """What all processes see: weights, gradients, the clock. Made before the fork."""

    def __init__(self, args, tokens):
        self.args, self.tokens = args, tokens
        self.net = Whisper(tokens.n_rows, tokens.n_text, n_dead=vocabulary.N_VOCAB - tokens.dead)
        if args.resume:
            weights = torch.load(args.resume, map_location="cpu")["model"]
            self.net.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)
        self.weights = list(self.net.parameters())
        self.sizes = [weight.numel() for weight in self.weights]
        self.total, self.procs = sum(self.sizes), args.procs
        self.master = torch.cat([weight.detach().reshape(-1) for weight in self.weights]).share_memory_()
        self.average = self.master.clone().share_memory_()
        self.decay = torch.cat(
            [torch.full((n,), 0.02 if w.dim() > 1 else 0.0) for w, n in zip(self.weights, self.sizes)]
        )
        self.working = self.master.bfloat16().share_memory_()
        self.gradients = torch.zeros(self.procs, self.total, dtype=torch.bfloat16).share_memory_()
        self.norms = torch.zeros(self.procs).share_memory_()
        self.stats = torch.zeros(self.procs, 5).share_memory_()
        # [progress as measured, progress of the step that all agreed on], 0 to 1
        self.clock = torch.zeros(2, dtype=torch.float64).share_memory_()
        self.barrier, self.lock = mp.Barrier(self.procs), mp.Lock()
        # Per round of shards: 0 undecided, 1 short windows only, 2 long ones too.
        self.rounds = torch.zeros(4096).share_memory_()
        self.files = sorted(f for f in glob.glob(args.shards + "/*.npy") if ".tmp" not in f)
        self.shards = {}

    def clips(self, file):
        if file not in self.shards:
            self.shards[file] = read_shard(file)
        return self.shards[file]

    def bind(self, me):
        """Points the network's weights and gradients of this process into the shared ones."""
        at = 0
        for weight, n in zip(self.weights, self.sizes):
            weight.data = self.working[at : at + n].view_as(weight)
            weight.grad = self.gradients[me][at : at + n].view_as(weight)
            at += n

    def save(self, path, flat, step):
        """Half precision; in place as a whole or not at all."""
        state, at = {}, 0
        for (name, weight), n in zip(self.net.named_parameters(), self.sizes):
            state[name] = flat[at : at + n].view_as(weight).half().clone()
            at += n
        torch.save({"model": state, "cfg": self.net.cfg, "step": step}, path + ".tmp")
        os.rename(path + ".tmp", path)


def produce(shared, out, me, rng, plan):
    """Fills the queue of one process. All have the same `plan`, so each takes its share of the same windows."""
    training = shared.files[shared.args.val :]
    mosaic = [f for f in training if int(os.path.basename(f)[:5]) >= FIRST_MOSAIC_SHARD]
    for count in range(len(shared.rounds)):
        if mosaic:
            picked = plan.sample(training, 4) + plan.sample(mosaic, 5)
        else:
            picked = plan.sample(training, min(8, len(training)))
        pool = [clip for file in picked for clip in shared.clips(file)]
        windows = plan_windows(pool, plan, shared.procs)
        with shared.lock:  # the same decision in every process
            if shared.rounds[count] == 0:
                shared.rounds[count] = 2 if shared.clock[1] > shared.args.long else 1
        if shared.rounds[count] == 2:
            windows += plan_long_windows(pool, plan, shared.procs, max(1, len(windows) // 12))
        add_silence(windows, pool, plan)
        plan.shuffle(windows)
        for items, frames in windows:
            if len(items) >= shared.procs:
                share = items[me :: shared.procs]
                out.put(make_batch(shared.tokens, rng, share, frames, shared.args.corrupt))


def losses(net, tokens, batch, ctc_weight):
    """(text, CTC, share of right tokens, encoder's output, phonemes)"""
    mel, given, target, ctc_rows, labels = batch
    heard = net.encoder(mel)
    said = net.decoder(given, heard)
    keep = target.reshape(-1) >= 0
    logits = net.logits(said.reshape(-1, said.shape[-1])[keep])
    right = target.reshape(-1)[keep]
    text = F.cross_entropy(logits, right, label_smoothing=0.05)
    accuracy = (logits.argmax(-1) == right).float().mean().item()
    ctc = phonemes = torch.zeros(())
    if ctc_weight > 0:
        if (labels >= 0).any():
            guess = net.ph(heard).float().flatten(0, 1)
            phonemes = F.cross_entropy(guess, labels.flatten(), ignore_index=-100)
        probabilities = net.ctc(heard).float().log_softmax(-1).transpose(0, 1)
        lengths = torch.tensor([len(rows) for rows in ctc_rows])
        ctc = F.ctc_loss(
            probabilities,
            torch.tensor([row for rows in ctc_rows for row in rows]),
            torch.full((len(ctc_rows),), heard.shape[1]),
            lengths,
            blank=tokens.n_text,
            reduction="sum",
            zero_infinity=True,
        ) / max(1, int(lengths.sum()))
    return text, ctc, accuracy, heard, phonemes


class Adam:
    """AdamW of one process's slice of the weights, in fp32."""

    def __init__(self, shared, me):
        low, high = shared.total * me // shared.procs, shared.total * (me + 1) // shared.procs
        self.slice = slice(low, high)
        self.mine, self.average = shared.master[self.slice], shared.average[self.slice]
        self.decay, self.working = shared.decay[self.slice], shared.working[self.slice]
        self.first, self.second = torch.zeros(high - low), torch.zeros(high - low)
        self.step = 0

    def update(self, gradient, norm, rate):
        gradient.mul_(min(1.0, 1.0 / (norm + 1e-6)))
        self.step += 1
        self.first.mul_(0.9).add_(gradient, alpha=0.1)
        self.second.mul_(0.98).addcmul_(gradient, gradient, value=0.02)
        size = (self.second / (1 - 0.98**self.step)).sqrt_().add_(1e-8)
        change = (self.first / (1 - 0.9**self.step)).div_(size).addcmul_(self.decay, self.mine)
        self.mine.add_(change, alpha=-rate)
        self.working.copy_(self.mine)
        self.average.lerp_(self.mine, 1 - min(0.998, (self.step + 1) / (self.step + 20)))


def rate_at(args, step, progress):
    cosine = 0.5 * (1 + math.cos(math.pi * progress))
    return args.lr * min(1, (step + 1) / args.warm) * (args.final + (1 - args.final) * cosine)


def summed_gradient(shared, adam, me):
    """(mean gradient of this process's slice, norm of the whole)"""
    gradient = shared.gradients[0, adam.slice].float()
    for k in range(1, shared.procs):
        gradient += shared.gradients[k, adam.slice]
    gradient /= shared.procs
    shared.norms[me] = gradient.pow(2).sum()
    shared.barrier.wait()
    finite = torch.isfinite(shared.norms).all()
    return gradient, math.sqrt(float(shared.norms.sum())) if finite else float("nan")


def work(shared, me):
    args = shared.args
    torch.set_num_threads(1)
    torch.manual_seed(args.seed * 77 + me)
    shared.bind(me)
    batches, rng = queue.Queue(3), random.Random(args.seed * 1000 + me)
    arguments = (shared, batches, me, rng, random.Random(args.seed))
    threading.Thread(target=produce, args=arguments, daemon=True).start()
    adam, began, report = Adam(shared, me), time.time(), Report()
    while True:
        if me == 0:
            shared.clock[0] = (time.time() - began) / (args.minutes * 60)
        shared.barrier.wait()
        progress = shared.clock[0].item()
        if me == 0:
            shared.clock[1] = progress
        if progress >= 1:
            break
        batch = batches.get()
        weight = args.ctc if progress < 0.6 else args.ctc * 0.4
        text, ctc, accuracy, _, phonemes = losses(shared.net, shared.tokens, batch, weight)
        shared.gradients[me].zero_()
        (text + weight * ctc + (2 * weight if progress < 0.5 else weight) * phonemes).backward()
        shared.stats[me] = torch.tensor([text.item(), float(ctc), accuracy, len(batch[0]), float(phonemes)])
        shared.barrier.wait()
        gradient, norm = summed_gradient(shared, adam, me)
        if not math.isfinite(norm):
            continue  # one bad batch; every process sees the same norm and skips it
        rate = rate_at(args, adam.step, progress)
        adam.update(gradient, norm, rate)
        if me == 0:
            report.step(shared, adam.step, norm, rate)
    if me == 0:
        shared.save(args.out + "/final.pt", shared.average, adam.step)


class Report:
    """Prints how it goes every 50 steps, saves every three minutes."""

    def __init__(self):
        self.began = self.saved = time.time()
        self.sums, self.clips = torch.zeros(6), 0

    def step(self, shared, step, norm, rate):
        text, ctc, accuracy, _, phonemes = shared.stats.mean(0).tolist()
        self.sums += torch.tensor([text, ctc, accuracy, norm, phonemes, 1])
        self.clips += int(shared.stats[:, 3].sum())
        if step % 50 != 0:
            return
        seconds = time.time() - self.began
        text, ctc, accuracy, norm, phonemes = (self.sums[:5] / self.sums[5]).tolist()
        print(
            f"{seconds / 60:5.1f} min, step {step}, {self.clips} clips ({self.clips / seconds:.0f}/s), rate {rate:.1e}: "
            f"text {text:.3f}, ctc {ctc:.3f}, phonemes {phonemes:.3f}, right tokens {accuracy:.3f}, gradient {norm:.2f}",
            flush=True,
        )
        self.sums.zero_()
        if time.time() - self.saved > 180:
            shared.save(shared.args.out + "/last.pt", shared.average, step)
            self.saved = time.time()


@torch.no_grad()
def validate(shared, rng):
    """(share of right tokens, word errors of CTC alone) on the first shard."""
    net, tokens = shared.net, shared.tokens
    clips = sorted(shared.clips(shared.files[0])[:192], key=lambda clip: clip.frames)
    right = errors = words = 0
    for i in range(0, len(clips), 32):
        group = clips[i : i + 32]
        frames = -(-(group[-1].frames + 32) // 32) * 32
        batch = make_batch(tokens, rng, [[clip] for clip in group], frames, shared.args.corrupt)
        _, _, accuracy, heard, _ = losses(net, tokens, batch, 0)
        right += accuracy * len(group)
        for rows, clip in zip(net.ctc(heard).argmax(-1).tolist(), group):
            said = [x for k, x in enumerate(rows) if x < tokens.n_text and (k == 0 or rows[k - 1] != x)]
            expected = clip.text.split()
            errors += distance(tokens.decode(said).split(), expected)
            words += len(expected)
    return right / len(clips), errors / words


def main():
    args = read_arguments()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    shared = Shared(args, vocabulary.shipped())
    if len(shared.files) <= args.val:
        raise SystemExit(
            f"{args.shards} has {len(shared.files)} shards: make some with make_shards.py first."
        )
    print(f"{shared.total / 1e6:.2f} M weights, {shared.tokens.n_rows} rows in use", flush=True)
    processes = [mp.Process(target=work, args=(shared, me)) for me in range(shared.procs)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("A process failed: see above.")
    torch.set_num_threads(shared.procs)
    shared.bind(0)
    shared.working.copy_(shared.average)
    accuracy, errors = validate(shared, random.Random(0))
    print(f"averaged weights: right tokens {accuracy:.4f}, CTC word errors {errors:.4f}")


if __name__ == "__main__":
    mp.set_start_method("fork")  # the tensors of Shared are inherited, not copied
    main()
