import { MercatorCoordinate } from "maplibre-gl";
import { CELL, drawAtlas } from "./car-atlas.js";
import { SHAPE_NAMES } from "./shapes.js";

// Cars in one instanced draw call. Positions are interpolated in double precision here and only then given to the GPU,
// because 32-bit Mercator coordinates tremble when one looks closely.
const STRIDE = 8; // x, y (clip space), size, angle, shape, flags, colour (packed), alpha
const FRAME_MS = 33;
const CELLS = SHAPE_NAMES.length;

const VERTEX = `#version 300 es
in vec2 a_place; in vec2 a_size_angle; in vec2 a_shape_flags; in float a_alpha; in vec4 a_color;
uniform vec2 u_viewport;
out vec2 v_uv; out vec2 v_turned; flat out float v_shape; flat out float v_flags; flat out vec4 v_color; flat out float v_alpha;
vec2 turn(vec2 p, float a) { float s = sin(a), c = cos(a); return vec2(c * p.x - s * p.y, s * p.x + c * p.y); }
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  gl_Position = vec4(a_place + corner * a_size_angle.x / u_viewport * 2.0, 0.0, 1.0);
  v_uv = vec2(corner.x, -corner.y);
  v_turned = turn(v_uv, -a_size_angle.y);
  v_shape = a_shape_flags.x; v_flags = a_shape_flags.y; v_color = a_color; v_alpha = a_alpha;
}`;

// The shape fills the middle half of its square; around it go the wedge of the heading and the ring of the selection.
const FRAGMENT = `#version 300 es
precision highp float;
in vec2 v_uv; in vec2 v_turned; flat in float v_shape; flat in float v_flags; flat in vec4 v_color; flat in float v_alpha;
uniform sampler2D u_atlas; uniform vec3 u_edge; uniform vec3 u_ink; uniform float u_cells;
out vec4 result;
float band(float d, float at, float half_width) { float w = fwidth(d); return smoothstep(half_width + w, half_width - w, abs(d - at)); }
void main() {
  bool turns = mod(v_flags, 2.0) >= 1.0, selected = mod(v_flags, 4.0) >= 2.0, stale = v_flags >= 4.0;
  vec2 p = (turns ? v_turned : v_uv) * 1.62;
  vec4 color = vec4(0.0);
  if (!turns) {
    vec2 q = v_turned;
    float w = fwidth(q.y) * 1.2;
    float wedge = smoothstep(-w, w, (-0.42 - q.y)) * smoothstep(-w, w, (q.y + 0.80) * 0.85 - abs(q.x));
    float edge = smoothstep(-w, w, (-0.40 - q.y)) * smoothstep(-w, w, (q.y + 0.90) * 0.88 - abs(q.x));
    color = vec4(mix(u_edge, v_color.rgb, wedge), 1.0) * max(wedge, edge);
  }
  if (abs(p.x) < 1.0 && abs(p.y) < 1.0) {
    vec3 mask = texture(u_atlas, vec2((v_shape + p.x * 0.5 + 0.5) / u_cells, p.y * 0.5 + 0.5)).rgb;
    float cover = max(mask.r, mask.g);
    vec3 body = mix(u_edge, v_color.rgb, mask.r);
    body = mix(body, vec3(1.0), mask.b);
    color = mix(color, vec4(body, 1.0), cover);
  }
  float d = length(v_uv);
  if (stale) color = max(color, vec4(v_color.rgb, 1.0) * band(d, 0.72, 0.035) * step(0.0, sin(atan(v_uv.y, v_uv.x) * 9.0)));
  if (selected) color = mix(color, vec4(u_ink, 1.0), band(d, 0.9, 0.055));
  result = color * v_alpha;
}`;

function program(gl) {
  const made = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(made, shader);
  }
  ["a_place", "a_size_angle", "a_shape_flags", "a_alpha", "a_color"].forEach((name, i) => gl.bindAttribLocation(made, i, name));
  gl.linkProgram(made);
  return made;
}

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** A MapLibre custom layer. `look(id)` answers {color, shape, size, stale, faded, selected, rank} or null for "not shown". */
export class CarsLayer {
  id = "cars";
  type = "custom";
  renderingMode = "2d";

  constructor({ look, edge, ink }) {
    Object.assign(this, { look, edge: rgb(edge).map((v) => v / 255), ink: rgb(ink).map((v) => v / 255) });
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** Where cars are shown is shared by successive layers (a change of theme makes a new one). */
  carry(motion) {
    this.motion = motion;
    return this;
  }

  onAdd(map, gl) {
    this.map = map;
    this.program = program(gl);
    this.uniform = Object.fromEntries(["u_viewport", "u_atlas", "u_edge", "u_ink", "u_cells"].map((n) => [n, gl.getUniformLocation(this.program, n)]));
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, drawAtlas());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.generateMipmap(gl.TEXTURE_2D);
    this.buffer = gl.createBuffer();
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    [[2, 0], [2, 8], [2, 16], [1, 24]].forEach(([size, offset], i) => {
      gl.enableVertexAttribArray(i);
      gl.vertexAttribPointer(i, size, gl.FLOAT, false, STRIDE * 4, offset);
      gl.vertexAttribDivisor(i, 1);
    });
    gl.enableVertexAttribArray(4);
    gl.vertexAttribPointer(4, 4, gl.UNSIGNED_BYTE, true, STRIDE * 4, 28);
    gl.vertexAttribDivisor(4, 1);
    gl.bindVertexArray(null);
  }

  onRemove(map, gl) {
    clearTimeout(this.timer);
    gl.deleteProgram(this.program);
    gl.deleteBuffer(this.buffer);
    gl.deleteTexture(this.texture);
    gl.deleteVertexArray(this.array);
  }

  render(gl, args) {
    const matrix = args.defaultProjectionData.mainMatrix;
    const { data, count, moving } = this.instances(matrix, performance.now());
    if (count) {
      gl.useProgram(this.program);
      gl.bindVertexArray(this.array);
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, this.texture);
      gl.uniform1i(this.uniform.u_atlas, 0);
      gl.uniform1f(this.uniform.u_cells, CELLS);
      gl.uniform3fv(this.uniform.u_edge, this.edge);
      gl.uniform3fv(this.uniform.u_ink, this.ink);
      const canvas = this.map.getCanvas();
      const ratio = canvas.width / canvas.clientWidth;
      gl.uniform2f(this.uniform.u_viewport, canvas.width / ratio, canvas.height / ratio);
      gl.disable(gl.DEPTH_TEST);
      gl.disable(gl.STENCIL_TEST);
      gl.disable(gl.CULL_FACE);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
      gl.bindVertexArray(null);
    }
    if (moving && !this.timer) {
      this.timer = setTimeout(() => { this.timer = null; this.map.triggerRepaint(); }, FRAME_MS);
    }
  }

  instances(m, now) {
    const cars = [];
    let moving = false;
    for (const [id, car] of this.motion.cars) {
      const look = this.look(id);
      if (!look) continue;
      const at = this.motion.at(car, now);
      moving ||= at.moving;
      const w = m[3] * at.x + m[7] * at.y + m[15];
      const x = (m[0] * at.x + m[4] * at.y + m[12]) / w;
      const y = (m[1] * at.x + m[5] * at.y + m[13]) / w;
      if (w > 0 && Math.abs(x) < 1.2 && Math.abs(y) < 1.2) cars.push({ x, y, heading: at.heading, look });
    }
    cars.sort((a, b) => a.look.rank - b.look.rank);
    const data = new Float32Array(cars.length * STRIDE);
    const bytes = new Uint8Array(data.buffer);
    cars.forEach(({ x, y, heading, look }, i) => {
      const flags = (look.shape === "arrow" ? 1 : 0) + (look.selected ? 2 : 0) + (look.stale ? 4 : 0);
      data.set([x, y, look.size, (heading * Math.PI) / 180, SHAPE_NAMES.indexOf(look.shape), flags, look.faded ? 0.25 : 1], i * STRIDE);
      bytes.set([...rgb(look.color), 255], (i * STRIDE + 7) * 4);
    });
    return { data, count: cars.length, moving };
  }
}

/** Where each car is shown now: on the way from where it was shown to where it was last reported. */
export class Motion {
  cars = new Map();

  constructor(still = matchMedia("(prefers-reduced-motion: reduce)").matches) {
    this.still = still;
  }

  report(id, lon, lat, heading, now = performance.now()) {
    const { x, y } = MercatorCoordinate.fromLngLat([lon, lat]);
    const car = this.cars.get(id);
    const to = { x, y, heading, lon, lat };
    if (!car || this.still) return void this.cars.set(id, { from: to, to, since: now, span: 1, heard: now });
    const from = this.at(car, now);
    const jumped = Math.hypot(from.x - x, from.y - y) > 1.25e-5; // some 500 m: a correction, not a drive
    this.cars.set(id, { from: jumped ? to : from, to, since: now, span: Math.min(1600, Math.max(350, (now - car.heard) * 1.15)), heard: now });
  }

  at({ from, to, since, span }, now) {
    const t = Math.min(1, (now - since) / span);
    const bend = ((to.heading - from.heading + 540) % 360) - 180;
    const moved = from.x !== to.x || from.y !== to.y || Math.abs(bend) > 0.5;
    return { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t, heading: from.heading + bend * t, moving: t < 1 && moved };
  }

  lngLat(id, now = performance.now()) {
    const car = this.cars.get(id);
    if (!car) return null;
    const { x, y } = this.at(car, now);
    return new MercatorCoordinate(x, y).toLngLat();
  }

  drop(id) {
    this.cars.delete(id);
  }
}
