/**
 * A PNG of palette colours, one byte for each pixel.
 *
 * @see https://www.w3.org/TR/png-3/
 */
import type { Canvas } from "./canvas.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Eight bits for each pixel, colours of a palette, and the only ways of packing and filtering there are; not interlaced. */
const INDEXED = [8, 3, 0, 0, 0];

/** Whether this platform can pack a picture at all: Vercel's Edge Runtime cannot. */
export function canPack(): boolean {
  return typeof CompressionStream !== "undefined";
}

/** The file. Needs a platform that {@link canPack}. */
export async function pngOf(canvas: Canvas): Promise<Uint8Array> {
  const header = [...bytesOf(canvas.width), ...bytesOf(canvas.height), ...INDEXED];
  return joined([
    SIGNATURE,
    chunk("IHDR", Uint8Array.from(header)),
    chunk("PLTE", canvas.palette()),
    chunk("IDAT", await deflated(canvas.rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** What CompressionStream calls "deflate" is what PNG asks for: deflate in the envelope of zlib. */
async function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Length, name, content, and a sum of name and content. */
function chunk(name: string, content: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(name), content]);
  return joined([bytesOf(content.length), named, bytesOf(crc32(named))]);
}

/** Four bytes, the highest first. */
function bytesOf(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @see https://www.w3.org/TR/png-3/#D-CRCAppendix */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 255] ?? 0);
  return ~crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
