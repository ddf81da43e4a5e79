import { backoffMs } from "./backoff.js";

const SILENT_MS = 25000; // the server says something every 15 s at least

/** A websocket that comes back. Calls onOpen(send), onMessage(object) and onStatus("connecting" | "open" | "closed", info). */
export class Socket {
  constructor(url, { onOpen = () => {}, onMessage, onStatus = () => {}, silentMs = SILENT_MS }) {
    Object.assign(this, { url, onOpen, onMessage, onStatus, silentMs });
    this.attempt = 0;
    this.ended = false;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retryNow());
  }

  connect() {
    if (this.ended) return;
    clearTimeout(this.timer);
    this.onStatus("connecting", { attempt: this.attempt });
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.heard();
      this.onStatus("open", {});
      this.onOpen((message) => socket.send(JSON.stringify(message)));
    };
    socket.onmessage = (event) => {
      this.heard();
      this.onMessage(JSON.parse(event.data));
    };
    socket.onclose = (event) => this.socket === socket && this.again(event.code);
  }

  heard() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.reconnect(), this.silentMs);
  }

  again(code) {
    clearTimeout(this.watchdog);
    this.socket = null;
    if (this.ended) return;
    const wait = backoffMs(this.attempt++);
    this.onStatus("closed", { code, wait });
    this.timer = setTimeout(() => this.connect(), wait);
  }

  /** Drop the line, if any, and dial at once. */
  reconnect() {
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.connect();
  }

  retryNow() {
    if (!this.socket && !this.ended && this.timer) this.connect();
  }

  end() {
    this.ended = true;
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.socket?.close();
  }
}
