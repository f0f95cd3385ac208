// Writes schema.graphql, which the documents are typed by, from the server's own files.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { buildASTSchema, extendSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';

const folder = new URL('../../graph/schema/', import.meta.url);
const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.graphqls'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));
const definitions = texts.flatMap((text) => parse(text, { noLocation: true }).definitions);
const isExtension = ({ kind }) => kind.endsWith('Extension');
const of = (definitions) => ({ kind: 'Document', definitions });

const base = buildASTSchema(of(definitions.filter((d) => !isExtension(d))), { assumeValidSDL: true });
const schema = extendSchema(base, of(definitions.filter(isExtension)), { assumeValidSDL: true });
writeFileSync(new URL('../schema.graphql', import.meta.url), `${printSchema(lexicographicSortSchema(schema))}\n`);
