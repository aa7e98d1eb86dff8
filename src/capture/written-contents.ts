import { LRUCache } from 'lru-cache';
import { CapturedCall } from './captured-call';
import { Deletion, OpenContent, StoredPiece, TraceContentsRepository } from './trace-contents.repository';

/** The number of sessions whose keys and pieces are remembered, for how long, and of how many pieces each. */
const MAX_SESSIONS = 100;
const SESSION_MS = 600_000;
const MAX_REMEMBERED = 20_000;

/** A session's content that has been written to. */
export interface WrittenContent extends OpenContent {
  /** The last deletion of what was kept of the session before. What came in before it is deleted with the rest. */
  readonly deletion: Deletion | undefined;
  /** The hexadecimal ids of pieces that are known to be stored. */
  readonly stored: Set<string>;
  hasTitle: boolean;
  /** Whether it keeps its title. */
  hasFinalTitle: boolean;
  titleTries: number;
}

/** The contents that calls are added to at present, with their keys and what is known to be stored of each. */
export class WrittenContents {
  private readonly sessions = new LRUCache<string, WrittenContent>({ max: MAX_SESSIONS, ttl: SESSION_MS });

  constructor(private readonly contents: TraceContentsRepository) {}

  /** Returns the content that a call belongs to, or the deletion that it came in before. */
  async of(call: CapturedCall): Promise<WrittenContent | Deletion> {
    const name = nameOf(call);
    const content = this.sessions.get(name) ?? (await this.openUnlessDeleted(call));
    if ('contentId' in content) return content;
    const { deletion } = content;
    if (deletion !== undefined && call.at <= deletion.at) return deletion;
    this.sessions.set(name, content);
    return content;
  }

  private async openUnlessDeleted(call: CapturedCall): Promise<WrittenContent | Deletion> {
    const before = await this.contents.lastDeletion(call.session);
    if (before !== undefined && call.at <= before.at) return before;
    const content = await this.open(call);
    // Looked for again: one that comes now makes adding to the content fail, so that none is missed.
    return { ...content, deletion: await this.contents.lastDeletion(call.session) };
  }

  private async open({ session, at }: CapturedCall): Promise<Omit<WrittenContent, 'deletion'>> {
    const content = await this.contents.open(session, at);
    return { ...content, stored: new Set(), hasFinalTitle: content.hasTitle, titleTries: 0 };
  }

  /** Forgets the content that a call belongs to. */
  delete(call: CapturedCall): void {
    this.sessions.delete(nameOf(call));
  }

  /** Forgets the keys of contents that have been deleted. */
  forget(contentIds: ReadonlySet<string>): void {
    for (const [name, { id }] of this.sessions.entries()) if (contentIds.has(id)) this.sessions.delete(name);
  }
}

function nameOf({ session }: CapturedCall): string {
  return JSON.stringify(session);
}

/** Notes that pieces of a content are stored. */
export function remember({ stored }: WrittenContent, pieces: readonly StoredPiece[]): void {
  if (stored.size + pieces.length > MAX_REMEMBERED) stored.clear();
  for (const { id } of pieces) stored.add(id);
}
