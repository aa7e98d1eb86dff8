import { UsageFormat } from '../providers/metered-endpoint';
import { CHAT_CONTENT } from './chat-content';
import { ContentReader } from './content-reader';
import { GENERATE_CONTENT } from './generate-content-content';
import { MESSAGES_CONTENT } from './messages-content';
import { RESPONSES_CONTENT } from './responses-content';

/** The reader of each format; undefined for those in which nothing is said, and for the results of batches. */
export const CONTENT_READERS: Readonly<Record<UsageFormat, ContentReader | undefined>> = {
  messages: MESSAGES_CONTENT,
  responses: RESPONSES_CONTENT,
  chat_completions: CHAT_CONTENT,
  generate_content: GENERATE_CONTENT,
  batch_results: undefined,
  none: undefined,
};
