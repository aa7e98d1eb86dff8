import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EntryLine } from '../seals/seal-lines';

const PARTS = ['request', 'response'] as const;
type Part = (typeof PARTS)[number];

/** What a manifest says of a body, as far as anything can be relied on. */
interface ListedBody {
  readonly file?: unknown;
  readonly redacted?: unknown;
  readonly kept_sha256?: unknown;
}

interface Manifest {
  readonly calls?: readonly (Readonly<Partial<Record<Part, ListedBody>>> & { readonly id?: unknown })[];
}

/** What became of the comparison. */
export interface ComparedBodies {
  /** The number of bodies that are what passed. */
  readonly same: number;
  /** The files of bodies that were redacted before they were kept: what passed is not there to be compared. */
  readonly redacted: readonly string[];
  /** The number of bodies whose calls have no record here. */
  readonly unsealed: number;
  readonly faults: readonly string[];
}

/** Compares the bodies of an unpacked raw export of a trace with the digests in sealed records. */
export class ExportedBodies {
  /** By the id of the call. */
  private readonly digests = new Map<string, Readonly<Record<Part, unknown>>>();

  /** @param line that of an entry, whose record its chain vouches for. */
  add({ record }: EntryLine): void {
    const said = record === null ? {} : (JSON.parse(record) as Readonly<Record<string, unknown>>);
    const { kind, id, request_sha256: request, response_sha256: response } = said;
    if (kind === 'call') this.digests.set(String(id), { request, response });
  }

  /** @throws SyntaxError if the manifest is none, and the errors of files that can't be read. */
  async compare(folder: string): Promise<ComparedBodies> {
    const { calls = [] } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    let [same, unsealed] = [0, 0];
    const [redacted, faults]: [string[], string[]] = [[], []];
    for (const call of calls)
      for (const part of PARTS) {
        const { file, redacted: isRedacted, kept_sha256: kept } = call[part] ?? {};
        if (typeof file !== 'string') continue;
        const digest = createHash('sha256')
          .update(await readFile(join(folder, file)))
          .digest('hex');
        const passed = this.digests.get(String(call.id))?.[part] ?? null;
        if (passed === null) unsealed += 1;
        else if (digest === passed) same += 1;
        else if (isRedacted === true && digest === kept) redacted.push(file);
        else faults.push(`${file} is not the ${part} that passed`);
      }
    return { same, redacted, unsealed, faults };
  }
}
