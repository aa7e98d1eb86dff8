import { createHash, Hash } from 'node:crypto';
import { ElementPass } from './json-scanner';
import { MessagePass } from './message-pass';

/** The maximum number of messages that are looked at, and of bytes of their texts. */
const MAX_MESSAGES = 5_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** The maximum number of lists that have a digest: those of the last messages. */
const MAX_LISTS = 500;
/** The bytes of a digest that are kept: it tells the lists of one token apart, and keeps nothing secret. */
const DIGEST_BYTES = 12;
/** The size of texts that are hashed at once. */
const MAX_WAITING = 8 * 1024;

/**
 * Computes digests of a conversation's messages as they pass: of the first one, of the first two, and so on. They are of the
 * texts alone, so that a client may mark what is cached, or send a text as a list of one part, and it is the same message.
 */
export class MessageDigests implements ElementPass {
  /** The number of messages that were read. */
  count = 0;
  /** The digest of the list up to each of the last messages, that of the longest list last. */
  readonly lists: string[] = [];
  private readonly message = new MessagePass((piece) => this.take(piece));
  private hash: Hash | undefined;
  private bytes = 0;
  /** Texts that are not hashed yet. */
  private waiting = '';

  /** Whether there is more than is looked at. */
  get isCut(): boolean {
    return this.message.isGivenUp || this.bytes > MAX_BYTES || this.count === MAX_MESSAGES;
  }

  get isDone(): boolean {
    return this.message.isDone;
  }

  beginList(): void {
    this.count = this.bytes = 0;
    this.lists.length = 0;
    this.hash = createHash('sha256');
    this.message.beginList();
  }

  /** Begins with a message. */
  begin(): void {
    this.waiting = '';
    this.message.begin();
  }

  pass(text: string, start: number): number {
    const end = this.message.pass(text, start);
    const { isDone, hasText, isInstruction } = this.message;
    if (isDone && hasText && !isInstruction && !this.isCut) this.add();
    return end;
  }

  private take(piece: string): void {
    this.bytes += piece.length;
    this.waiting += piece;
    if (this.waiting.length > MAX_WAITING) this.hashWaiting();
  }

  private hashWaiting(): void {
    if (!this.isCut) this.hash?.update(this.waiting, 'latin1');
    this.waiting = '';
  }

  private add(): void {
    this.waiting += '\n'; // texts hold none that is not escaped
    this.hashWaiting();
    const digest = this.hash?.copy().digest().toString('base64', 0, DIGEST_BYTES) ?? '';
    if (this.lists.push(digest) > MAX_LISTS) this.lists.shift();
    this.count += 1;
  }
}
