import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import {
  BodiesOfCall,
  DamagedContentError,
  KeptContentService,
  SessionKey,
} from '../capture/kept-content.service';
import { TraceBodyEntity } from '../capture/trace-body.entity';
import { CallEntity } from '../metering/call.entity';
import { Whose } from '../metering/usage.service';
import { UsageFormat } from '../providers/metered-endpoint';
import { Routes } from '../providers/routes';
import { ComparedRequest, comparedOf, NewContent, newIn } from '../transcript/new-content';
import { readAnswer } from '../transcript/read-answer';
import { MAX_READABLE_BYTES, readableBody } from '../transcript/readable-body';
import { readRequest } from '../transcript/read-request';
import { Message, RequestContent } from '../transcript/request-content';
import { CallContentDto, KeptBodyDto } from './call-content.dto';
import { orRefused } from './refused-content';
import { TracesService } from './traces.service';

/** How many calls before one are looked at for a request that is kept. */
const MAX_LOOK_BACK = 20;
/** The number of parts of the last requests of all agents that are held at once: agents are what clients say. */
const MAX_COMPARED = 200_000;

const NOTHING: NewContent = {
  system: null,
  tools: null,
  repeated_messages: 0,
  messages: [],
  first_difference: null,
};

/** Reads what calls said, from what is kept of them. */
@Injectable()
export class CallContentService {
  constructor(
    private readonly traces: TracesService,
    private readonly kept: KeptContentService,
    private readonly routes: Routes,
  ) {}

  /**
   * Returns what was new in a call against the one before it of the same agent.
   * @throws ApiException (trace_not_found, call_not_found, content_damaged, content_unavailable)
   */
  async of(whose: Whose, traceId: string, callId: string): Promise<CallContentDto> {
    const { session, call } = await this.traces.call(whose, traceId, callId);
    const bodies = (await this.kept.bodiesOf(session, [call.id])).get(call.id) ?? {};
    const before = () => this.before(traceId, session, call);
    return orRefused(async () => (await this.read(call, bodies, before)).content);
  }

  /**
   * Yields what was new in each of these calls of a session.
   * @param calls in the order in which they came in.
   * @returns content null for a call whose content is damaged.
   */
  async *inOrder(
    session: SessionKey,
    calls: readonly CallEntity[],
  ): AsyncGenerator<{ readonly call: CallEntity; readonly content: CallContentDto | null }> {
    const last = new LRUCache<string, ComparedRequest>({ maxSize: MAX_COMPARED, sizeCalculation: partsOf });
    for await (const { call, bodies } of this.kept.withBodies(session, calls)) {
      const place = `${call.agentId ?? ''} ${call.endpoint}`;
      const before = () => Promise.resolve(last.get(place));
      const read = await this.read(call, bodies, before).catch(unlessDamaged);
      if (read?.request !== undefined) last.set(place, comparedOf(read.request));
      yield { call, content: read?.content ?? null };
    }
  }

  /**
   * @param before returns the request before it of the same agent.
   * @throws DamagedContentError
   */
  private async read(
    call: CallEntity,
    bodies: BodiesOfCall,
    before: () => Promise<ComparedRequest | undefined>,
  ): Promise<{ readonly content: CallContentDto; readonly request: RequestContent | undefined }> {
    const format = this.formatOf(call);
    const request = await this.request(format, bodies.request);
    const content = {
      call_id: call.id,
      request: KeptBodyDto.of(bodies.request),
      response: KeptBodyDto.of(bodies.response),
      is_readable: request !== undefined,
      ...(request === undefined ? NOTHING : newIn(request, await before())),
      answer: await this.answer(format, bodies.response),
    };
    return { content, request };
  }

  /** Returns the request of the last call before one whose content is kept and can be read. */
  private async before(
    traceId: string,
    session: SessionKey,
    call: CallEntity,
  ): Promise<RequestContent | undefined> {
    const calls = await this.traces.callsBefore(traceId, call, MAX_LOOK_BACK);
    const ids = calls.map(({ id }) => id);
    const bodies = await this.kept.bodiesOf(session, ids);
    const id = ids.find((one) => bodies.get(one)?.request?.state === 'kept');
    return id === undefined ? undefined : this.request(this.formatOf(call), bodies.get(id)?.request);
  }

  private async request(
    format: UsageFormat,
    body: TraceBodyEntity | undefined,
  ): Promise<RequestContent | undefined> {
    const bytes = await this.readable(body);
    return bytes === undefined ? undefined : readRequest(format, bytes);
  }

  private async answer(format: UsageFormat, body: TraceBodyEntity | undefined): Promise<Message | null> {
    const bytes = await this.readable(body);
    if (bytes === undefined || bytes.length === 0) return null;
    const isEventStream = body?.contentType?.toLowerCase().startsWith('text/event-stream') === true;
    return readAnswer(format, bytes, isEventStream) ?? null;
  }

  private async readable(body: TraceBodyEntity | undefined): Promise<Buffer | undefined> {
    if (body === undefined || Number(body.bytes) > MAX_READABLE_BYTES) return undefined;
    const bytes = await this.kept.read(body);
    return bytes === undefined ? undefined : readableBody(bytes, body.contentEncoding);
  }

  private formatOf({ provider: id, endpoint }: CallEntity): UsageFormat {
    const route = this.routes.list().find(({ provider }) => provider.id === id);
    return route?.provider.metered.find((row) => row.endpoint === endpoint)?.format ?? 'none';
  }
}

/** @throws the error, unless it is that of damaged content. */
function unlessDamaged(error: unknown): undefined {
  if (!(error instanceof DamagedContentError)) throw error;
}

function partsOf({ digests: { system, tools, messages } }: ComparedRequest): number {
  return 1 + system.length + tools.length + messages.length;
}
