import type { Block, Message } from './content';

/** A message with the results of its tool calls beside them. */
export interface Turn {
  readonly role: string;
  readonly parts: readonly { readonly block: Block; readonly result?: Block | undefined }[];
}

/**
 * Puts the result of each tool call beside it, in whichever message the result came. A message of which nothing is left is left
 * out; a result whose call is not among the messages stays where it is.
 */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const blocks = messages.flatMap((message) => message.blocks);
  const calls = new Set(blocks.filter(({ type }) => type === 'tool_use').map((call) => call.tool_use_id));
  const results = new Map<string | null, Block>();
  for (const block of blocks)
    if (isResult(block) && calls.has(block.tool_use_id) && !results.has(block.tool_use_id))
      results.set(block.tool_use_id, block);
  const isBeside = (block: Block) => isResult(block) && results.get(block.tool_use_id) === block;
  return messages
    .filter(({ blocks }) => blocks.length === 0 || !blocks.every(isBeside))
    .map(({ role, blocks }) => ({
      role,
      parts: blocks
        .filter((block) => !isBeside(block))
        .map((block) => ({
          block,
          result: block.type === 'tool_use' ? results.get(block.tool_use_id) : undefined,
        })),
    }));
}

function isResult({ type, tool_use_id }: Block): boolean {
  return type === 'tool_result' && tool_use_id !== null;
}
