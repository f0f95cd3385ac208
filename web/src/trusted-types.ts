// React Aria's announcer empties itself by innerHTML = ''. Trusted Types forbid that, and
// everything else of the kind, unless the default policy lets it through: the empty text only.
type Rules = { createHTML(text: string): string | null };
type Factory = { createPolicy(name: string, rules: Rules): unknown };

(globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('default', {
  createHTML: (text) => (text === '' ? '' : null),
});

export {};
