import { Block } from '../../src/transcript/content-block';
import { Message } from '../../src/transcript/request-content';

/** A block without the fields that say nothing. */
export function shown(block: Block): Partial<Block> {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== null && value !== false));
}

/** A message as a list: its role, then its blocks. */
export function shownMessage(message: Message): (string | Partial<Block>)[] {
  return [message.role, ...message.blocks.map(shown)];
}
