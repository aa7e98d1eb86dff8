import { UsageFormat } from '../providers/metered-endpoint';
import { BatchResultsReader } from './batch-results-reader';
import { ChatReader } from './chat-reader';
import { GenerateContentReader } from './generate-content-reader';
import { MessagesReader } from './messages-reader';
import { ResponsesReader } from './responses-reader';
import { UsageReader } from './usage-reader';

/** The function that creates a reader, by format. */
export const USAGE_READERS: Readonly<Record<Exclude<UsageFormat, 'none'>, () => UsageReader>> = {
  messages: () => new MessagesReader(),
  batch_results: () => new BatchResultsReader(),
  responses: () => new ResponsesReader(),
  chat_completions: () => new ChatReader(),
  generate_content: () => new GenerateContentReader(),
};
