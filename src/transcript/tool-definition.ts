import { isObject, objectIn, textIn } from '../metering/json';
import { cut, jsonText } from './content-block';
import { Tool } from './request-content';

/** Returns a tool as any of the formats defines it. One that the provider itself runs has often no more than a type. */
export function toolOf(item: unknown): Tool {
  if (!isObject(item)) return { name: '', description: jsonText(item).text, input_schema: null };
  const definition = objectIn(item, 'function') ?? objectIn(item, 'custom') ?? item;
  const { input_schema, parameters, parametersJsonSchema } = definition;
  const schema = input_schema ?? parameters ?? parametersJsonSchema;
  const description = textIn(definition, 'description');
  return {
    name: textIn(definition, 'name') ?? textIn(item, 'type') ?? Object.keys(item)[0] ?? '',
    description: description === undefined ? null : cut(description).text,
    input_schema: schema === undefined ? null : jsonText(schema).text,
  };
}
