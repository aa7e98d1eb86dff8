import { KeyObject, verify } from 'node:crypto';
import { digestOf, FIRST_HEAD, leafOf, nextHead, SealFacts, signedBytes } from './hash-chain';
import { EntryLine, SealLine } from './seal-lines';

interface Options {
  /** The public keys that count, by their ids. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** The texts of seals that are known from elsewhere: each has to come, and nothing else in its place. */
  readonly known?: readonly string[];
  /** Whether parts of a chain may be missing, as in the export of one trace. */
  readonly isPartial?: boolean;
}

/** What was found in the lines of one chain. */
export interface CheckedChain {
  readonly chain: string;
  entries: number;
  /** The number of entries whose record is not there. */
  withoutRecord: number;
  seals: number;
  /** When the last seal was made, ISO 8601. */
  sealedAt: string | undefined;
  /** The number of the last entry that is sealed. */
  last: number;
  head: Buffer;
  readonly faults: string[];
}

interface Progress extends CheckedChain {
  /** The entries since the last seal. */
  waiting: EntryLine[];
}

/** Checks chains, line by line. What is wrong is named; it never throws for what lines say. */
export class ChainCheck {
  private readonly chains = new Map<string, Progress>();
  private readonly seen = new Map<string, string>();

  constructor(private readonly options: Options) {}

  add(line: EntryLine | SealLine): void {
    if (line.type === 'entry') this.addEntry(line);
    else this.addSeal(line);
  }

  /** Ends the check. @returns what was found, chain by chain. */
  end(): CheckedChain[] {
    for (const chain of this.chains.values()) {
      if (chain.waiting.length > 0)
        chain.faults.push(`${entries(numbersOf(chain))} in no seal: made up, or the seal is left out`);
    }
    for (const text of this.options.known ?? []) {
      const { chain, first, last } = JSON.parse(text) as SealFacts;
      if (this.seen.get(placeOf(chain, first)) !== text)
        this.of(chain).faults.push(
          `the known seal of ${range(first, last)} is not there: the chain was cut or written again`,
        );
    }
    return [...this.chains.values()];
  }

  private addEntry(line: EntryLine): void {
    const chain = this.of(line.chain);
    chain.entries += 1;
    chain.waiting.push(line);
    if (line.record === null) chain.withoutRecord += 1;
    if (!isWhole(line))
      chain.faults.push(`entry ${line.seq} was changed: its record is not the one that was sealed`);
  }

  private addSeal({ text, signature }: SealLine): void {
    const seal = JSON.parse(text) as SealFacts;
    const chain = this.of(seal.chain);
    const { faults } = chain;
    const where = `the seal of ${range(seal.first, seal.last)}`;
    this.seen.set(placeOf(seal.chain, seal.first), text);
    const key = this.options.keys.get(seal.key);
    if (key === undefined) faults.push(`${where} is signed with a key that does not count (${seal.key})`);
    else if (!verify(null, signedBytes(text), key, Buffer.from(signature, 'base64')))
      faults.push(`${where} was changed or made up: its signature is not valid`);
    this.checkPlace(chain, seal, where);
    this.checkEntries(chain, seal, where);
    chain.seals += 1;
    chain.sealedAt = seal.sealed_at;
    chain.last = seal.last;
    chain.head = Buffer.from(seal.head, 'hex');
    chain.waiting = [];
  }

  /** Checks that a seal goes on where the one before it ended. */
  private checkPlace({ last, head, faults }: Progress, seal: SealFacts, where: string): void {
    if (seal.first <= last) faults.push(`${where} comes again, or out of its order`);
    else if (seal.first > last + 1) {
      if (this.options.isPartial !== true)
        faults.push(`${range(last + 1, seal.first - 1)} and their seals are left out`);
    } else if (seal.previous_head !== head.toString('hex'))
      faults.push(`${where} does not go on from the one before it`);
  }

  /** Checks that the entries before a seal are those that it says. */
  private checkEntries(chain: Progress, seal: SealFacts, where: string): void {
    const { faults, waiting } = chain;
    const numbers = numbersOf(chain);
    const given = new Set(numbers);
    const missing: number[] = [];
    for (let seq = seal.first; seq <= seal.last && missing.length < 1_000; seq++)
      if (!given.has(seq)) missing.push(seq);
    const others = numbers.filter((seq) => seq < seal.first || seq > seal.last);
    if (missing.length > 0) faults.push(`${entries(missing)} left out`);
    if (others.length > 0) faults.push(`${entries(others)} made up, or out of their order`);
    if (numbers.length > given.size) faults.push(`an entry before ${where} comes twice`);
    if (numbers.some((seq, index) => seq < (numbers[index - 1] ?? 0)))
      faults.push(`the entries before ${where} are not in their order`);
    if (missing.length > 0 || others.length > 0) return;
    let head: Buffer = Buffer.from(seal.previous_head, 'hex');
    for (const { leaf } of waiting) head = nextHead(head, Buffer.from(leaf, 'hex'));
    if (head.toString('hex') !== seal.head)
      faults.push(`the entries do not add up to ${where}: one was changed, replaced or moved`);
  }

  private of(chain: string): Progress {
    let progress = this.chains.get(chain);
    if (progress === undefined) {
      const nothing = { entries: 0, withoutRecord: 0, seals: 0, sealedAt: undefined, last: 0 };
      progress = { chain, ...nothing, head: FIRST_HEAD, faults: [], waiting: [] };
      this.chains.set(chain, progress);
    }
    return progress;
  }
}

/** Tells whether what a line says of an entry is what its hash is of. */
function isWhole({ leaf, subject, record_sha256: digest, record }: EntryLine): boolean {
  if (subject === null || digest === null) return record === null;
  if (leafOf(subject, Buffer.from(digest, 'hex')).toString('hex') !== leaf) return false;
  return record === null || digestOf(record).toString('hex') === digest;
}

function numbersOf({ waiting }: Progress): number[] {
  return waiting.map(({ seq }) => seq);
}

function placeOf(chain: string, first: number): string {
  return `${chain} ${first}`;
}

function range(first: number, last: number): string {
  return first === last ? `entry ${first}` : `entries ${first} to ${last}`;
}

function entries(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 5).join(', ') + (numbers.length > 5 ? ', ...' : '');
  return numbers.length === 1 ? `entry ${shown} is` : `entries ${shown} are`;
}
