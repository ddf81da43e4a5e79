// The console's state is a snapshot and the events after it. The server proves that both agree with a fresh snapshot;
// these few lines are the browser's half of the bargain: shallow merge by id, null removes, numbers without gaps.

/** Thrown when an event does not follow the last one: the state can't be trusted and a new snapshot is due. */
export class Gap extends Error {
  constructor(have, got) {
    super(`event ${got} does not follow ${have}`);
    this.name = "Gap";
  }
}

/** Change `state` by one patch {entity: {id: fields | null}}; returns the touched ids as {entity: Set}. */
export function applyPatch(state, patch) {
  const touched = {};
  for (const [entity, changes] of Object.entries(patch)) {
    const table = (state[entity] ??= {});
    touched[entity] = new Set(Object.keys(changes));
    for (const [id, fields] of Object.entries(changes)) {
      if (fields === null) delete table[id];
      else table[id] = { ...table[id], ...fields };
    }
  }
  return touched;
}

/** Apply events in order. Those already known are skipped; a missing one throws `Gap` and leaves the rest unapplied. */
export function applyEvents(state, events) {
  const touched = {};
  for (const event of events) {
    if (event.seq <= state.seq) continue;
    if (event.seq !== state.seq + 1) throw new Gap(state.seq, event.seq);
    for (const [entity, ids] of Object.entries(applyPatch(state, event.patch))) {
      touched[entity] = touched[entity] ? new Set([...touched[entity], ...ids]) : ids;
    }
    state.seq = event.seq;
  }
  return touched;
}
