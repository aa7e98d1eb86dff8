import { Request, Response } from 'express';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { chooseEncoding, Encoding } from './encodings';

/** The document that all pages are. It is small, and kept in memory in each encoding. */
export class PageDocument {
  private readonly html: Buffer;
  private readonly compressed: Readonly<Record<Encoding, Buffer>>;

  /** @param root the folder with the built pages. */
  constructor(root: string) {
    this.html = readFileSync(join(root, 'index.html'));
    this.compressed = { br: brotliCompressSync(this.html), gzip: gzipSync(this.html) };
  }

  send(request: Request, response: Response): void {
    const encoding = chooseEncoding(request, response);
    response.type('html').send(encoding === undefined ? this.html : this.compressed[encoding]);
  }
}
