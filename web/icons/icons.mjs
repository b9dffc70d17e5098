// icons.mjs draws the app's icons: one description, as SVG and as PNG files,
// so that no picture made elsewhere is in the repository. The PNGs are
// deterministic: the same bytes wherever they are drawn.
import * as zlib from "node:zlib";

// The picture, on a field of 512: a box seen from above its front edge, with
// a prompt on it. Shapes are painted in order.
const field = 512;
const shapes = [
	{ fill: [0x10, 0x2a, 0x43], rect: [0, 0, 512, 512], radius: 96, ground: true },
	{ fill: [0x2c, 0x6e, 0x9b], polygon: [[96, 168], [160, 104], [352, 104], [416, 168]] },
	{ fill: [0x4f, 0xa3, 0xd1], rect: [96, 168, 320, 248], radius: 12 },
	{ fill: [0x10, 0x2a, 0x43], polygon: [[150, 232], [178, 204], [254, 280], [178, 356], [150, 328], [198, 280]] },
	{ fill: [0x10, 0x2a, 0x43], rect: [262, 324, 96, 36], radius: 6 },
];

const hex = (c) => "#" + c.map((v) => v.toString(16).padStart(2, "0")).join("");

/** The picture as SVG. */
export function svg() {
	const body = shapes.map((s) => s.rect
		? `<rect x="${s.rect[0]}" y="${s.rect[1]}" width="${s.rect[2]}" height="${s.rect[3]}" rx="${s.radius}" fill="${hex(s.fill)}"/>`
		: `<path d="M${s.polygon.map((p) => p.join(" ")).join("L")}Z" fill="${hex(s.fill)}"/>`);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${field} ${field}">${body.join("")}</svg>\n`;
}

function inRect(x, y, [left, top, w, h], r) {
	if (x < left || y < top || x > left + w || y > top + h) return false;
	const dx = Math.max(left + r - x, x - (left + w - r), 0), dy = Math.max(top + r - y, y - (top + h - r), 0);
	return dx * dx + dy * dy <= r * r;
}

function inPolygon(x, y, points) {
	let inside = false;
	for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
		const [xi, yi] = points[i], [xj, yj] = points[j];
		if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
	}
	return inside;
}

/**
 * The picture as PNG, size × size, four samples a pixel each way. A maskable
 * icon has no rounded corners and keeps the picture in the middle 80%, since
 * the system cuts its own shape.
 */
export function png(size, maskable = false) {
	const n = 4, scale = field / size, zoom = maskable ? 1.25 : 1;
	const rows = Buffer.alloc(size * (1 + 4 * size));
	for (let py = 0; py < size; py++) {
		for (let px = 0; px < size; px++) {
			const sum = [0, 0, 0, 0];
			for (let k = 0; k < n * n; k++) {
				const fx = (px + ((k % n) + 0.5) / n) * scale, fy = (py + (Math.floor(k / n) + 0.5) / n) * scale;
				const x = (fx - field / 2) * zoom + field / 2, y = (fy - field / 2) * zoom + field / 2;
				let colour = null;
				for (const s of shapes) {
					const hit = s.ground && maskable ? true : s.rect ? inRect(x, y, s.rect, s.radius) : inPolygon(x, y, s.polygon);
					if (hit) colour = s.fill;
				}
				if (!colour) continue;
				for (let c = 0; c < 3; c++) sum[c] += colour[c];
				sum[3]++;
			}
			const at = py * (1 + 4 * size) + 1 + 4 * px;
			for (let c = 0; c < 3; c++) rows[at + c] = sum[3] ? Math.round(sum[c] / sum[3]) : 0;
			rows[at + 3] = Math.round((sum[3] * 255) / (n * n));
		}
	}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(size, 0);
	header.writeUInt32BE(size, 4);
	header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA
	return Buffer.concat([
		Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
		chunk("IHDR", header), chunk("IDAT", zlib.deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0)),
	]);
}

function chunk(type, data) {
	const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const out = Buffer.alloc(body.length + 8);
	out.writeUInt32BE(data.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE(crc32(body), body.length + 4);
	return out;
}

/** CRC-32 as PNG has it; Node has its own from version 22 on. */
function crc32(data) {
	if (zlib.crc32) return zlib.crc32(data);
	let c = ~0;
	for (const byte of data) {
		c ^= byte;
		for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
	}
	return ~c >>> 0;
}

/** Every icon: names and bytes. */
export function drawIcons() {
	return [
		["icon.svg", svg()],
		["icon-192.png", png(192)],
		["icon-512.png", png(512)],
		["icon-maskable-512.png", png(512, true)],
	];
}
