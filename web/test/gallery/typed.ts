import {
  buildSchema,
  type DocumentNode,
  getNamedType,
  type GraphQLObjectType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import text from '../../schema.graphql?raw';

const schema = buildSchema(text);

/** Names the types of an answer, as the server does where it is asked; the cache lives by them. */
export function typed(document: DocumentNode, data: object): object {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fragments = new Map(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  );

  const walk = (value: unknown, type: GraphQLObjectType, selection: SelectionSetNode): unknown => {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value)) return value.map((one) => walk(one, type, selection));
    const out: Record<string, unknown> = { ...(value as object), __typename: type.name };
    for (const node of selection.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD)
        Object.assign(out, walk(out, type, fragments.get(node.name.value)!.selectionSet));
      if (node.kind !== Kind.FIELD || !node.selectionSet) continue;
      const inner = getNamedType(type.getFields()[node.name.value]!.type);
      if (isObjectType(inner)) out[node.name.value] = walk(out[node.name.value], inner, node.selectionSet);
    }
    return out;
  };
  return walk(data, schema.getQueryType()!, operation!.selectionSet) as object;
}
