import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline as passOn } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** The directories in which `npm run pack:database` puts the template, relative to dist/src and to src. */
const BUILT = [join(__dirname, '../../database'), join(__dirname, '../../dist/database')];
const CHUNK_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/** One file or directory of the database, with its size in bytes. A directory's path ends in a slash. */
interface Entry {
  readonly path: string;
  readonly size: number;
}

/**
 * Returns the template's file name. It contains PGlite's version, which determines PostgreSQL's as well: after an upgrade an
 * older template is not found, and the database is created without one.
 */
export function templateName(): string {
  const manifest = join(dirname(require.resolve('@electric-sql/pglite')), '../package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return `pglite-${version}.template.gz`;
}

/** Returns the path of the template for the installed version of PGlite, or undefined when the build has created none. */
export function findTemplate(folders: readonly string[] = BUILT): string | undefined {
  return folders.map((folder) => join(folder, templateName())).find((path) => existsSync(path));
}

/**
 * Writes all files of a closed database into one gzip file: the length of the index (4 bytes, big-endian), the index in JSON,
 * then the contents of the files.
 */
export async function packTemplate(directory: string, template: string): Promise<void> {
  const entries: Entry[] = [];
  for (const found of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const file = join(found.parentPath, found.name);
    const path = relative(directory, file).split(sep).join('/');
    entries.push(
      found.isDirectory() ? { path: `${path}/`, size: 0 } : { path, size: (await stat(file)).size },
    );
  }
  entries.sort((one, other) => (one.path < other.path ? -1 : 1)); // a directory comes before its contents
  const unfinished = `${template}.part`;
  await pipeline(contentsOf(directory, entries), createGzip(), createWriteStream(unfinished));
  await rename(unfinished, template);
}

async function* contentsOf(directory: string, entries: readonly Entry[]): AsyncGenerator<Buffer> {
  const index = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(index.length);
  yield length;
  yield index;
  for (const { path, size } of entries) {
    if (size > 0) yield* createReadStream(join(directory, path)) as AsyncIterable<Buffer>;
  }
}

/**
 * Unpacks a template into an empty directory, chunk by chunk, so that its 39 MB are never in memory at once.
 * @throws Error when the template is truncated, or is longer than its index says.
 */
export async function unpackTemplate(template: string, directory: string): Promise<void> {
  const source = createReadStream(template, { highWaterMark: CHUNK_BYTES });
  const unzip = passOn(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined); // the iterator throws the errors
  const contents = new Contents(unzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
  const length = (await contents.take(LENGTH_BYTES)).readUInt32BE();
  const entries = JSON.parse(String(await contents.take(length))) as Entry[];
  for (const { path, size } of entries) {
    const target = join(directory, path);
    if (path.endsWith('/')) await mkdir(target, { mode: 0o700 });
    else await writeFile(target, contents.next(size), { mode: 0o600, flag: 'wx' });
  }
  await contents.end();
}

/** A reader that splits a stream's bytes into parts of known sizes. */
class Contents {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly chunks: AsyncIterator<Buffer>) {}

  /** Yields the next `size` bytes, in chunks. */
  async *next(size: number): AsyncGenerator<Buffer> {
    for (let missing = size; missing > 0;) {
      if (this.rest.length === 0) this.rest = await this.chunk();
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  /** Returns the next `size` bytes in one buffer. */
  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.next(size)) parts.push(part);
    return Buffer.concat(parts);
  }

  /**
   * Reads to the end of the stream, where gzip's checksum is verified.
   * @throws Error when there are bytes left.
   */
  async end(): Promise<void> {
    const isOver = (await this.chunks.next()).done === true;
    if (this.rest.length > 0 || !isOver) throw new Error('The template holds more than its index says');
  }

  private async chunk(): Promise<Buffer> {
    const next = await this.chunks.next();
    if (next.done === true) throw new Error('The template ends too early');
    return next.value;
  }
}
