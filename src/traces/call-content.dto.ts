import { ApiProperty } from '@nestjs/swagger';
import { BODY_STATES, BodyState, TraceBodyEntity } from '../capture/trace-body.entity';
import { Block } from '../transcript/content-block';
import { FirstDifference } from '../transcript/new-content';
import { Message, Tool } from '../transcript/request-content';

const BLOCK_TYPES = ['text', 'thinking', 'tool_use', 'tool_result', 'image', 'document', 'other'] as const;
const PARTS = ['model', 'tools', 'system', 'messages'] as const;
const STATES = [...BODY_STATES, 'not_kept'] as const;

/** What is known of a body of a call. */
export class KeptBodyDto {
  @ApiProperty({
    enum: STATES,
    description:
      '`kept`, `not_kept` (nobody had turned that on), `too_large` (more than 32 MiB), `dropped` (there was no room in time) or `deleted`.',
  })
  state!: BodyState | 'not_kept';

  @ApiProperty({ type: Number, nullable: true, description: 'The number of bytes that have passed.' })
  bytes!: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'Their SHA-256, in hexadecimal.' })
  sha256!: string | null;

  @ApiProperty({
    description:
      'Whether secrets were taken out of it before it was kept: what is kept has marks in their place, such as `[redacted:github_token]`.',
  })
  redacted!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'The SHA-256 of what is kept, in hexadecimal; null where nothing is, or it is what has passed.',
  })
  kept_sha256!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'application/json' })
  content_type!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'gzip',
    description: 'That of what is kept: null where it was decoded to take secrets out of it.',
  })
  content_encoding!: string | null;

  static of(body: TraceBodyEntity | undefined): KeptBodyDto {
    return {
      state: body?.state ?? 'not_kept',
      bytes: body === undefined ? null : Number(body.bytes),
      sha256: body?.sha256.toString('hex') ?? null,
      redacted: (body?.keptSha256 ?? null) !== null,
      kept_sha256: body?.keptSha256?.toString('hex') ?? null,
      content_type: body?.contentType ?? null,
      content_encoding: body?.contentEncoding ?? null,
    };
  }
}

/** A part of a message. */
class BlockDto implements Block {
  @ApiProperty({ enum: BLOCK_TYPES })
  type!: Block['type'];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Of `text`, `thinking`, `tool_result`; of `other` its JSON.',
  })
  text!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The name of the tool.' })
  name!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What a tool’s call and its result have in common.',
  })
  tool_use_id!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The input of `tool_use`, as JSON.' })
  input!: string | null;

  @ApiProperty({ description: 'Whether a `tool_result` reports an error.' })
  is_error!: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'image/png' })
  media_type!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The base64 of an image, up to 5 MiB.' })
  data!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'The whole length of a text or an input that was cut; null if nothing was.',
  })
  cut_from!: number | null;
}

class MessageDto implements Message {
  @ApiProperty({ example: 'user' })
  role!: string;

  @ApiProperty({ type: [BlockDto] })
  blocks!: Block[];
}

class ToolDto implements Tool {
  @ApiProperty({ example: 'Bash' })
  name!: string;

  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The JSON schema of its input.' })
  input_schema!: string | null;
}

/** What ends that which the provider can have cached. */
class FirstDifferenceDto implements FirstDifference {
  @ApiProperty({ enum: PARTS })
  part!: FirstDifference['part'];

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Which tool, part or message, from 0; null for the model.',
  })
  index!: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'The name of a tool.' })
  name!: string | null;
}

/** What a call said, as far as it is kept. */
export class CallContentDto {
  @ApiProperty()
  call_id!: string;

  @ApiProperty({ type: KeptBodyDto })
  request!: KeptBodyDto;

  @ApiProperty({ type: KeptBodyDto })
  response!: KeptBodyDto;

  @ApiProperty({
    description:
      'Whether the request is kept and can be shown here: it is in a known format and not larger than 4 MiB. The bytes themselves can be had in any case.',
  })
  is_readable!: boolean;

  @ApiProperty({
    type: [BlockDto],
    nullable: true,
    description: 'The system prompt; null if it is that of the call before it of the same agent.',
  })
  system!: Block[] | null;

  @ApiProperty({
    type: [ToolDto],
    nullable: true,
    description: 'The tools; null if they are those of the call before.',
  })
  tools!: Tool[] | null;

  @ApiProperty({ description: 'The number of messages that are those of the call before.' })
  repeated_messages!: number;

  @ApiProperty({ type: [MessageDto], description: 'The messages behind them.' })
  messages!: Message[];

  @ApiProperty({ type: MessageDto, nullable: true, description: 'Null if there is none that can be shown.' })
  answer!: Message | null;

  @ApiProperty({
    type: FirstDifferenceDto,
    nullable: true,
    description:
      'The first part of the request that is not as in the call before; null if it repeats all of that, or there is no call before it whose content is kept.',
  })
  first_difference!: FirstDifference | null;
}
