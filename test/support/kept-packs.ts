import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PACK_STORE, PackStore } from '../../src/capture/pack-store';
import { CONFIG, Config } from '../../src/config/config';
import { TestApp } from './app';

/** The packs of a server where they lie, by their names with their folders: in its directory, or in its bucket. */
export class KeptPacks {
  constructor(private readonly app: TestApp) {}

  /** The names of the packs in some folders. */
  in(folders: readonly string[]): string[] {
    const { bucket } = this.app;
    return folders.flatMap((folder) => {
      if (bucket === undefined) {
        const path = this.path(folder);
        return existsSync(path) ? readdirSync(path).map((name) => `${folder}/${name}`) : [];
      }
      const key = bucket.keyOf(`${folder}/`);
      return [...bucket.objects.keys()]
        .filter((one) => one.startsWith(key))
        .map((one) => `${folder}/${one.slice(key.length)}`);
    });
  }

  read(name: string): Buffer {
    const { bucket } = this.app;
    return bucket === undefined ? readFileSync(this.path(name)) : bucket.objects.get(bucket.keyOf(name))!;
  }

  /** Writes a pack in place of the server, which remembers none of it. @param at when it was written, where that is known. */
  async write(name: string, bytes: Buffer | string, at = new Date()): Promise<void> {
    const { bucket, app } = this.app;
    if (bucket !== undefined) {
      const [folder, pack] = name.split('/') as [string, string];
      await app.get<PackStore>(PACK_STORE, { strict: false }).remove(folder, pack);
      bucket.objects.set(bucket.keyOf(name), Buffer.from(bytes));
      return;
    }
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), bytes);
    utimesSync(this.path(name), at, at);
  }

  /** Whether nobody else on the machine can read a pack. Of an object the bucket decides. */
  isPrivate(name: string): boolean {
    return this.app.bucket !== undefined || (statSync(this.path(name)).mode & 0o777) === 0o600;
  }

  private path(name: string): string {
    return join(this.app.app.get<Config>(CONFIG).traces.directory, name);
  }
}
