import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { IsId } from '../api/id';
import { IsCursor, IsPageLimit, NextCursor, PAGE_SIZE } from '../api/page-query';
import { AgentSessionEntity } from '../metering/agent-session.entity';
import { CallDto, shownCost } from '../metering/call.dto';
import { CallEntity } from '../metering/call.entity';
import { shownCallSums, shownTokens } from '../metering/shown-sums';
import { UsageSumsDto } from '../metering/usage-sums.dto';
import { Agent } from './agent-tree';
import { sumsOf } from './call-sums';
import { Trace, TraceTree } from './traces.service';

const MAX_TRACES = 100;

/** Which traces are listed. */
export class TracesQueryDto {
  @ApiPropertyOptional({ example: 'claude-cli', description: 'The kind of client, as in `client_kind`.' })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 256 })
  client_kind?: string;

  @ApiPropertyOptional({ example: 'claude-sonnet-5-5' })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 256 })
  model?: string;

  @ApiPropertyOptional({ description: 'The id of a session, as in the list.' })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 256 })
  session?: string;

  @ApiPropertyOptional({
    example: 'flaky test',
    description:
      'Words, each of which is somewhere in the title of a trace of my own, the client, a model, the id that the client gave its session or, in an organization and where I see the traces of all, the name or email of a member. A page looks through at most 1,000 traces.',
  })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 200 })
  q?: string;

  @IsPageLimit(MAX_TRACES)
  limit = PAGE_SIZE;

  @IsCursor()
  cursor?: string;
}

export class OrgTracesQueryDto extends TracesQueryDto {
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The id of a person. Members see their own traces alone.',
  })
  @IsOptional()
  @IsId()
  person?: string;
}

/** What is known of an agent's session from its calls. */
export class TraceDto extends UsageSumsDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  user_id!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  org_id!: string | null;

  @ApiProperty({
    description: 'The id that the client gave its session; the id of its first call if it gave none.',
  })
  session!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the user said first, in a trace of my own whose content is kept.',
  })
  title!: string | null;

  @ApiProperty({ example: 'claude-cli', description: 'The kind of client; empty if it does not say.' })
  client_kind!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The client of the last call.' })
  client!: string | null;

  @ApiProperty({ format: 'date-time', description: 'When the first call came in.' })
  begun_at!: string;

  @ApiProperty({ format: 'date-time', description: 'When the last call came in.' })
  last_call_at!: string;

  @ApiProperty({ type: [String], description: 'The models that answered.' })
  models!: string[];

  @ApiProperty({ description: 'Subagents with calls that the ledger still has.' })
  subagents!: number;

  @ApiProperty({ description: 'Calls that were answered with an error, or broke off.' })
  failed_calls!: number;

  static of({ session, subagents }: Trace, title: string | null): TraceDto {
    return { ...factsOf(session), title, subagents };
  }
}

export class TracesDto {
  @ApiProperty({ type: [TraceDto] })
  traces!: TraceDto[];

  @NextCursor()
  next_cursor!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'With `q`: how far back this page has looked, in which there may be fewer traces than were asked for, or none; `next_cursor` goes on from there. Null: there is nothing further back.',
  })
  searched_to!: string | null;
}

/** A call of a trace. `GET me/calls/{id}` has the rest. */
export class TraceCallDto extends PickType(CallDto, [
  ...(['id', 'at', 'provider', 'endpoint', 'status', 'outcome', 'usage_state'] as const),
  ...(['input_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'] as const),
  ...(['output_tokens', 'cost_usd', 'stop_reason', 'ms_to_first_byte', 'ms'] as const),
]) {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The model that answered, or else the requested one.',
  })
  model!: string | null;

  static of(call: CallEntity): TraceCallDto {
    return {
      id: call.id,
      at: call.at.toISOString(),
      provider: call.provider,
      endpoint: call.endpoint,
      model: call.model ?? call.requestedModel,
      status: call.status,
      outcome: call.outcome,
      usage_state: call.usageState,
      ...shownTokens(call),
      cost_usd: shownCost(call),
      stop_reason: call.stopReason,
      ms_to_first_byte: call.msToFirstByte,
      ms: call.ms,
    };
  }
}

/** An agent of a session. */
export class TraceAgentDto {
  @ApiProperty({ type: String, nullable: true, description: 'Null for the main agent.' })
  id!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The agent that has started it; null for the main agent.',
  })
  parent_id!: string | null;

  @ApiProperty({ type: UsageSumsDto, description: 'Of its own calls.' })
  own!: UsageSumsDto;

  @ApiProperty({ type: UsageSumsDto, description: 'With those of all agents that it has started.' })
  subtree!: UsageSumsDto;

  @ApiProperty({ type: [TraceCallDto], description: 'In the order in which they came in.' })
  calls!: TraceCallDto[];

  static of({ id, parentId, calls, descendants }: Agent<CallEntity>): TraceAgentDto {
    return {
      id,
      parent_id: parentId,
      own: sumsOf(calls),
      subtree: sumsOf([calls, ...descendants.map((one) => one.calls)].flat()),
      calls: calls.map((call) => TraceCallDto.of(call)),
    };
  }
}

export class TraceTreeDto extends TraceDto {
  @ApiProperty({ type: [TraceAgentDto], description: 'In the order of their first calls.' })
  agents!: TraceAgentDto[];

  @ApiProperty({ description: 'Whether there are more calls than are listed here.' })
  has_more_calls!: boolean;

  @ApiProperty({
    description:
      'Whether anything that was said is kept, and not deleted. False of what the reader may not read.',
  })
  has_content!: boolean;

  static ofTree(
    { session, agents, hasMoreCalls }: TraceTree,
    { title, hasContent }: { readonly title: string | null; readonly hasContent: boolean },
  ): TraceTreeDto {
    return {
      ...factsOf(session),
      title,
      subagents: agents.filter(({ id }) => id !== null).length,
      agents: agents.map((agent) => TraceAgentDto.of(agent)),
      has_more_calls: hasMoreCalls,
      has_content: hasContent,
    };
  }
}

function factsOf(session: AgentSessionEntity): Omit<TraceDto, 'subagents' | 'title'> {
  return {
    id: session.id,
    user_id: session.userId,
    org_id: session.orgId,
    session: session.sessionId,
    client_kind: session.clientKind,
    client: session.client,
    begun_at: session.begunAt.toISOString(),
    last_call_at: session.lastAt.toISOString(),
    models: session.models,
    failed_calls: session.failedCalls,
    ...shownCallSums(session),
  };
}
