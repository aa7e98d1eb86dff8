import { api, request, type Answer, type Dto } from '../api/client';
import type { paths } from '../api/schema';
import { legible } from '../api/shown';
import type { CallContent } from './content';
import type { TraceSource } from './trace-source';

/** The query for lists of traces. */
export type TracesQuery = NonNullable<paths['/api/v1/me/traces']['get']['parameters']['query']>;

/** Asks for a page of traces, those with the latest calls first. @param org the organization whose traces are meant; empty for the user's own. */
export function askTraces(
  org: string,
  query: TracesQuery,
  signal?: AbortSignal,
): Promise<Answer<Dto['TracesDto']>> {
  return request(
    org === ''
      ? api.GET('/api/v1/me/traces', { params: { query }, signal })
      : api.GET('/api/v1/orgs/{org}/traces', { params: { path: { org }, query }, signal }),
  );
}

/** Asks for a trace with its agents and their calls. */
export function askTrace(org: string, id: string, signal: AbortSignal): Promise<Answer<Dto['TraceTreeDto']>> {
  return request(
    org === ''
      ? api.GET('/api/v1/me/traces/{id}', { params: { path: { id } }, signal })
      : api.GET('/api/v1/orgs/{org}/traces/{id}', { params: { path: { org, id } }, signal }),
  );
}

/** Asks for what was said in a call. */
export function askCallContent(
  { trace: id, org, reason = '' }: TraceSource,
  call: string,
  signal: AbortSignal,
): Promise<Answer<CallContent>> {
  return request(
    org === ''
      ? api.GET('/api/v1/me/traces/{id}/calls/{call}', { params: { path: { id, call } }, signal })
      : api.GET('/api/v1/orgs/{org}/traces/{id}/calls/{call}', {
          params: { path: { org, id, call }, query: { reason } },
          signal,
        }),
    legible,
  );
}

/** Deletes what is kept of a session. */
export function deleteContent(id: string): Promise<Answer<unknown>> {
  return request(api.DELETE('/api/v1/me/traces/{id}', { params: { path: { id } } }));
}

/** Asks whether what the user's agents say is kept, and with the secrets in it or without. */
export function askCapture(signal: AbortSignal): Promise<Answer<Dto['CaptureDto']>> {
  return request(api.GET('/api/v1/me/capture', { signal }));
}

/** Makes a choice about what is kept of what the user's agents say; what is left out stays as it is. */
export function setCapture(body: Dto['UpdateCaptureDto']): Promise<Answer<Dto['CaptureDto']>> {
  return request(api.PUT('/api/v1/me/capture', { body }));
}
