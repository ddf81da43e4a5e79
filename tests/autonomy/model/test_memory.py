"""The ring of past frames."""

import torch

from autonomy.model.memory import Memory, windows


def ring(cars: int, slots: int) -> Memory:
    zero = torch.zeros(cars, dtype=torch.long)
    return Memory(torch.zeros(cars, slots, 1), zero.clone(), zero.clone())


def contents(memory: Memory) -> list[dict[int, float]]:
    """By car: age to what is kept of that age."""
    ages, there = memory.ages()
    return [
        {int(age): float(row) for age, row, ok in zip(*parts, strict=True) if ok}
        for parts in zip(ages, memory.rows[..., 0], there, strict=True)
    ]


def test_the_newest_frame_is_one_cycle_old_and_the_oldest_is_lost() -> None:
    memory = ring(1, 3)
    assert contents(memory) == [{}]
    for frame in (1.0, 2.0):
        memory.push(torch.tensor([[frame]]))
    assert contents(memory) == [{1: 2.0, 2: 1.0}]
    for frame in (3.0, 4.0):
        memory.push(torch.tensor([[frame]]))
    assert contents(memory) == [{1: 4.0, 2: 3.0, 3: 2.0}]


def test_rows_are_taken_out_driven_and_put_back() -> None:
    memory = ring(3, 2)
    part = memory.select(torch.tensor([2, 0]))
    part.push(torch.tensor([[20.0], [10.0]]))
    assert contents(memory) == [{}, {}, {}]
    memory.put(torch.tensor([2, 0]), part)
    assert contents(memory) == [{1: 10.0}, {}, {1: 20.0}]
    memory.forget(torch.tensor([2]))
    assert contents(memory) == [{1: 10.0}, {}, {}]


def test_windows_of_a_clip_hold_what_a_ring_would_hold() -> None:
    kept = torch.arange(1.0, 6.0).view(1, 5, 1, 1)
    rows, ages, there = windows(kept, 4, torch.tensor([9]))
    last = {int(age): float(row) for age, row, ok in zip(ages[4], rows[4, :, 0, 0], there[4], strict=True) if ok}
    assert last == {1: 4.0, 2: 3.0, 3: 2.0}
    assert there.sum(1).tolist() == [0, 1, 2, 3, 3]


def test_a_limit_hides_older_frames_of_its_clip_only() -> None:
    kept = torch.arange(8.0).view(2, 4, 1, 1)
    _, _, there = windows(kept, 4, torch.tensor([1, 3]))
    assert there.sum(1).tolist() == [0, 1, 1, 1, 0, 1, 2, 3]
