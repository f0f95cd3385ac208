import { lazy, Suspense, useState } from 'react';
import { useAct } from '../api/use';
import * as b from '../messages/books';
import { methodOf } from '../orders/Money';
import { useKey } from '../orders/useOnce';
import { Act } from '../ui/Act';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { Section } from '../ui/Panel';
import { toast } from '../ui/Toast';
import { type Dispute, SubmitEvidence } from './documents';

const Submit = lazy(() => import('./SubmitDialog'));

type Evidence = Record<string, string>;

/** What the bank decides by: Stripe's fields by people's names, kept or submitted. */
export default function Answer({ dispute }: { dispute: Dispute }) {
  const known = (dispute.evidence ?? {}) as Evidence;
  const [evidence, setEvidence] = useState<Evidence>(known);
  const [asks, setAsks] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [send, busy] = useAct(SubmitEvidence);
  const { once, heard } = useKey();
  const names = [...new Set([...Object.keys(b.disputes.fields), ...Object.keys(known)])];
  const keep = async (submit: boolean) => {
    const told = Object.fromEntries(Object.entries(evidence).filter(([, text]) => text.trim() !== ''));
    const answer = await send({
      input: once({ disputeId: dispute.id, evidence: told, submit, submissions: dispute.submissions }),
    });
    heard(answer);
    setRefused(answer.words);
    setAsks(false);
    if (!answer.words) toast(submit ? b.disputes.sent : b.disputes.kept);
  };
  const why = dispute.can.ok ? null : dispute.can.why;
  return (
    <Section title={b.disputes.evidence} className="mt-0">
      <p className="mb-4 text-ink-2">{b.disputes.evidenceText}</p>
      <div className="grid gap-4">
        {names.map((name) => (
          <Field
            key={name}
            label={b.disputes.fields[name] ?? methodOf(name)}
            value={evidence[name] ?? ''}
            onChange={(text) => setEvidence((before) => ({ ...before, [name]: text }))}
            lines={/description|log|disclosure|text/.test(name) ? 3 : undefined}
          />
        ))}
        {refused && (
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        )}
        <div className="flex flex-wrap gap-2">
          <Act busy={busy} why={why} whyHidden onPress={() => void keep(false)}>
            {b.disputes.draft}
          </Act>
          <Act kind="primary" opens busy={busy} why={why} onPress={() => setAsks(true)}>
            {b.disputes.submit}
          </Act>
        </div>
      </div>
      <Suspense>{asks && <Submit busy={busy} onGo={() => void keep(true)} onClose={() => setAsks(false)} />}</Suspense>
    </Section>
  );
}
