import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../files/whole-file';
import { MissingPackError, PackRange, PackStore, PackStoreError } from './pack-store';

/** Stores packs as files: a directory for each session. */
export class FilePackStore implements PackStore {
  constructor(private readonly root: string) {}

  async put(folder: string, name: string, bytes: Buffer): Promise<void> {
    const directory = join(this.root, folder);
    const made = await mkdir(directory, { recursive: true, mode: 0o700 });
    await replaceFile(join(directory, name), bytes);
    await flush(directory); // or the file has no name after a loss of power
    if (made === undefined) return;
    await flush(this.root);
    if (made !== directory) await flush(dirname(made));
  }

  async expect(): Promise<void> {
    // Files are near.
  }

  async read(folder: string, name: string, { offset, length }: PackRange): Promise<Buffer> {
    const file = await open(join(this.root, folder, name)).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
        throw new MissingPackError(`Pack ${name} is not there`, { cause });
      throw new PackStoreError(`Pack ${name} can’t be opened`, { cause });
    });
    try {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      if (bytesRead < length) throw new RangeError(`Pack ${name} is cut short`);
      return bytes;
    } finally {
      await file.close();
    }
  }

  async remove(folder: string, name: string): Promise<void> {
    await rm(join(this.root, folder, name), { force: true });
  }

  async removeAll(folder: string): Promise<void> {
    await rm(join(this.root, folder), { recursive: true, force: true, maxRetries: 3 }); // one may be written meanwhile
  }

  stop(): void {
    // Files take no time.
  }
}

/** The errors of file systems on which directories can't be written to the disk by themselves. */
const NOT_FLUSHABLE: readonly unknown[] = [
  'EINVAL',
  'EPERM',
  'EACCES',
  'EISDIR',
  'EBADF',
  'ENOTSUP',
  'ENOSYS',
];

/** Writes a directory's entries to the disk, where the file system can do that. */
async function flush(directory: string): Promise<void> {
  try {
    const handle = await open(directory);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!NOT_FLUSHABLE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}
