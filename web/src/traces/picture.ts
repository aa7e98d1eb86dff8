import type { Block } from './content';

/** The kinds of pictures that are shown: none of them can hold a script. */
const SHOWN = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Returns the address of a picture that is in a message itself; undefined for one that is not shown. */
export function pictureUrl({ type, media_type, data }: Block): string | undefined {
  if (type !== 'image' || media_type === null || data === null) return undefined;
  return SHOWN.includes(media_type) && BASE64.test(data) ? `data:${media_type};base64,${data}` : undefined;
}

/** Returns the number of bytes that are in base64. */
export function bytesIn(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor(((base64.length - padding) * 3) / 4);
}
