import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { BodiesOfCall, DamagedContentError, KeptContentService } from '../capture/kept-content.service';
import { BODY_PARTS, BodyPart } from '../capture/trace-body.entity';
import { CallEntity } from '../metering/call.entity';
import { Whose } from '../metering/usage.service';
import { KeptBodyDto } from './call-content.dto';
import { SealingService } from '../seals/sealing.service';
import { SealsService } from '../seals/seals.service';
import { CallContentService } from './call-content.service';
import { otlpTrace } from './otlp-trace';
import { TAR_END, tarHeader, tarPadding } from './tar';
import { TraceCallDto, TraceDto } from './traces.dto';
import { TracesService, TraceTree } from './traces.service';

/** The formats of an export. */
export const EXPORT_FORMATS = ['jsonl', 'otlp', 'raw'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What a manifest says of a body: as the API does, with the name of its file if there is one. */
interface ListedBody extends Omit<KeptBodyDto, 'state'> {
  state: KeptBodyDto['state'] | 'damaged';
  file: string | null;
}

/** Exports traces whole, one call in memory at a time. */
@Injectable()
export class TraceExportService {
  constructor(
    private readonly traces: TracesService,
    private readonly kept: KeptContentService,
    private readonly contents: CallContentService,
    private readonly sealing: SealingService,
    private readonly seals: SealsService,
  ) {}

  /**
   * Yields a line of JSON for each call, in the order in which they came in, with what was new in it against the call before
   * it of the same agent.
   * @throws ApiException (trace_not_found)
   */
  async *jsonl(whose: Whose, id: string): AsyncGenerator<string> {
    const tree = await this.traces.tree(whose, id);
    for await (const { call, content } of this.contents.inOrder(tree.session, callsOf(tree))) {
      const line = { ...factsOf(call), content };
      yield `${JSON.stringify(line)}\n`;
      await nextTurn(); // reading a call takes milliseconds: others go first
    }
  }

  /** Returns the spans of a trace, without content. @throws ApiException (trace_not_found) */
  async otlp(whose: Whose, id: string): Promise<object> {
    const { session, agents } = await this.traces.tree(whose, id);
    return otlpTrace(session, agents);
  }

  /**
   * Yields a tar file: the bytes of all bodies as they are kept, the seals that the calls are in, and then
   * `manifest.json`, which says what each body is and what is missing. Calls that wait for their seal get it before.
   * @throws ApiException (trace_not_found)
   */
  async *raw(whose: Whose, id: string): AsyncGenerator<Buffer> {
    const tree = await this.traces.tree(whose, id);
    const listed: object[] = [];
    for await (const { call, bodies } of this.kept.withBodies(tree.session, callsOf(tree))) {
      const about: Partial<Record<BodyPart, ListedBody>> = {};
      for (const part of BODY_PARTS) {
        const name = `calls/${String(listed.length + 1).padStart(5, '0')}-${call.id}/${part}.bin`;
        const [body, bytes] = await this.read(bodies, part, name);
        about[part] = body;
        if (bytes !== undefined) yield* fileOf(name, bytes, call.at);
      }
      listed.push({ ...factsOf(call), ...about });
    }
    const { orgId, lastAt } = tree.session;
    await this.sealing.seal();
    const ids = callsOf(tree).map((call) => call.id);
    for await (const { first, lines } of this.seals.ofCalls(orgId, ids))
      yield* fileOf(`seals/${first.padStart(10, '0')}.jsonl`, Buffer.from(lines), lastAt);
    const titles = await this.kept.titles([id]);
    const facts = TraceDto.of(
      { session: tree.session, subagents: subagentsOf(tree) },
      titles.get(id) ?? null,
    );
    const manifest = { trace: facts, has_more_calls: tree.hasMoreCalls, calls: listed };
    yield* fileOf('manifest.json', Buffer.from(JSON.stringify(manifest, null, 2)), lastAt);
    yield TAR_END;
  }

  private async read(
    bodies: BodiesOfCall,
    part: BodyPart,
    file: string,
  ): Promise<[ListedBody, Buffer | undefined]> {
    const body = bodies[part];
    const about = { ...KeptBodyDto.of(body), file: null };
    if (body === undefined || body.state !== 'kept') return [about, undefined];
    try {
      const bytes = await this.kept.read(body);
      return bytes === undefined ? [{ ...about, state: 'deleted' }, undefined] : [{ ...about, file }, bytes];
    } catch (error) {
      if (error instanceof DamagedContentError) return [{ ...about, state: 'damaged' }, undefined];
      throw error;
    }
  }
}

/** Returns what the ledger knows of a call, with the agent that made it. */
function factsOf(call: CallEntity): object {
  return { ...TraceCallDto.of(call), agent_id: call.agentId, parent_agent_id: call.parentAgentId };
}

function* fileOf(name: string, bytes: Buffer, at: Date): Generator<Buffer> {
  yield tarHeader(name, bytes.length, at);
  yield bytes;
  yield tarPadding(bytes.length);
}

/** Returns all calls of a trace in the order in which they came in. */
function callsOf({ agents }: TraceTree): CallEntity[] {
  return agents
    .flatMap(({ calls }) => calls)
    .sort((one, other) => one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1));
}

function subagentsOf({ agents }: TraceTree): number {
  return agents.filter(({ id }) => id !== null).length;
}
