import { get } from "../shared/api.js";
import { applyEvents, Gap } from "../shared/reducer.js";
import { Socket } from "../shared/socket.js";
import { groupOf } from "../shared/states.js";

const STALE_S = 10;

/** Everything the page knows, and who wants to hear of changes: topics "state", "positions", "selection", "filter", "status". */
export class Store {
  state = { seq: 0, vehicles: {}, rides: {}, zones: {}, missions: {}, positions: {}, status: "connecting", ready: false };
  selection = null; // {type: "vehicle" | "ride", id}
  filter = { tab: "vehicles", groups: new Set(), text: "" };
  #listeners = {};
  #queued = new Map();
  #clockOffset = 0;

  on(topic, listener) {
    (this.#listeners[topic] ??= []).push(listener);
  }

  /** Tell listeners, once a frame however often it is asked for; `detail` of the calls is merged. */
  emit(topic, detail = {}) {
    if (!this.#queued.size) queueMicrotask(() => setTimeout(() => this.#flush(), 16));
    this.#queued.set(topic, { ...this.#queued.get(topic), ...detail });
  }

  #flush() {
    const queued = [...this.#queued];
    this.#queued.clear();
    for (const [topic, detail] of queued) for (const listener of this.#listeners[topic] ?? []) listener(detail);
  }

  // --- the line to the server
  async start(wsUrl) {
    this.wsUrl = wsUrl;
    await this.resync();
    this.socket = new Socket(`${wsUrl}/ws/console`, {
      onOpen: (send) => send({ type: "subscribe", from_seq: this.state.seq }),
      onMessage: (message) => this.receive(message),
      onStatus: (status, info) => this.#line(status, info),
    });
    this.socket.connect();
  }

  async resync() {
    const snapshot = await get("/api/console/snapshot");
    const { positions, at, ...tables } = snapshot;
    Object.assign(this.state, tables, { ready: true });
    this.#hear({ at, cars: positions });
    this.emit("state", { all: true });
  }

  receive(message) {
    if (message.type === "events") this.#events(message.events);
    else if (message.type === "positions") this.#hear(message);
    else if (message.type === "resync") this.#again();
  }

  #events(events) {
    try {
      const touched = applyEvents(this.state, events);
      this.emit("state", { ...touched, events });
    } catch (error) {
      if (!(error instanceof Gap)) throw error;
      console.warn("resync:", error.message);
      this.#again();
    }
  }

  async #again() {
    try {
      await this.resync();
    } catch (error) {
      console.warn("resync failed:", error.message);
    }
    this.socket.reconnect();
  }

  #hear({ at, cars }) {
    if (at) this.#clockOffset = at - Date.now();
    for (const [id, lon, lat, heading, speed, soc, seen] of cars) {
      const known = this.state.positions[id];
      if (!known || known.seen <= seen) this.state.positions[id] = { lon, lat, heading, speed, soc, seen };
    }
    this.emit("positions", { cars });
  }

  async #line(status, info) {
    this.state.status = status;
    this.emit("status", info);
    if (info.code === 4403 || info.code === 1006) {
      // The socket server answers a refused handshake without a reason; the API knows whether we are still signed in.
      try {
        await get("/api/me");
      } catch (problem) {
        if (problem.status === 401 || problem.status === 403) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
      }
    }
  }

  // --- questions
  now() {
    return Date.now() + this.#clockOffset;
  }

  /** Seconds since the car was last heard; Infinity when it never was. */
  silence(id) {
    const seen = this.state.positions[id]?.seen;
    return seen ? Math.max(0, (this.now() - seen) / 1000) : Infinity;
  }

  stale(id) {
    return this.silence(id) > STALE_S;
  }

  group(id) {
    const vehicle = this.state.vehicles[id];
    return vehicle ? groupOf(vehicle) : "off";
  }

  matches(id) {
    const { groups, text } = this.filter;
    const vehicle = this.state.vehicles[id];
    if (!vehicle) return false;
    if (groups.size && !groups.has(this.group(id))) return false;
    if (!text) return true;
    const ride = this.state.rides[vehicle.ride_id];
    return [vehicle.plate, vehicle.platform, vehicle.state, ride?.label, id].some((word) => word?.toLowerCase().includes(text));
  }

  rideMatches(id) {
    const { text } = this.filter;
    const ride = this.state.rides[id];
    const words = [ride.label, ride.state, ride.pickup?.name, ride.dropoff?.name, this.state.vehicles[ride.vehicle_id]?.plate, id];
    return !text || words.some((word) => word?.toLowerCase().includes(text));
  }

  // --- choices of the person
  select(type, id) {
    const next = id ? { type, id } : null;
    if (next?.id === this.selection?.id) return;
    this.selection = next;
    const path = next ? `?${next.type}=${next.id}` : location.pathname;
    history.replaceState(null, "", path);
    this.emit("selection");
  }

  setFilter(changes) {
    Object.assign(this.filter, changes);
    this.emit("filter");
  }
}
