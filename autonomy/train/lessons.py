"""From the fleet's drives to training: what was hard is relabelled by the teacher and becomes a shard.

The teacher is a function of the observation alone, so a recorded drive can be judged long after it. In the cars' world
tapes hold what only the simulator knows; from real cars those fields would have to come from an offline labeller.
"""

from collections.abc import Sequence
from pathlib import Path

from autonomy.policy.teacher import Teacher
from autonomy.record.entries import Look
from autonomy.record.mine import Case
from autonomy.record.replay import stretches
from autonomy.record.tape import Tape
from autonomy.train.collect import Progress, meta_of, rows_of
from autonomy.train.shards import ShardWriter

AROUND_S = 6.0


def lessons(cases: Sequence[Case], out: Path, *, around_s: float = AROUND_S, progress: Progress | None = None) -> int:
    """Write one shard of the pictures around these cases, each stretch a drive of its own. Returns how many pictures.

    Raises ValueError when there is nothing to learn from (no cases, or none with pictures).
    """
    teacher = Teacher()
    writer = ShardWriter(out, meta_of("fleet", 0, "recorded", {"cases": len(cases)}))
    for number, case in enumerate(cases):
        for run in stretches(Tape(case.tape)):
            part = [look for look in run if case.from_s - around_s <= look.seen.time_s <= case.to_s + around_s]
            if part:
                _learn(writer, teacher, f"{case.tape.stem}:{case.from_s:.1f}", part)
        if progress is not None:
            progress(number + 1, len(cases))
    if writer.count == 0:
        raise ValueError("cases: none of them has pictures; nothing was written")
    writer.close()
    return writer.count


def _learn(writer: ShardWriter, teacher: Teacher, drive: str, part: Sequence[Look]) -> None:
    writer.end_drive(drive)
    seen = [look.seen for look in part]
    rows = rows_of(seen, teacher.act(seen))
    for k, observation in enumerate(seen):
        if observation.frames is not None:  # stretches hold only looks with pictures
            writer.add(drive, observation.frames.pixels, {name: values[k] for name, values in rows.items()})
