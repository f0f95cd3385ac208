import { useRef, useState } from 'react';
import { newKey } from '../api/key';
import type { Answer } from '../api/use';
import { toast } from '../ui/Toast';

/** The same key as long as the same is asked for: a repetition asks what came of the first. */
export function useKey() {
  const asked = useRef<{ input: string; key: string }>(undefined);
  const once = <I extends object>(input: I): I & { idempotencyKey: string } => {
    const text = JSON.stringify(input);
    if (asked.current?.input !== text) asked.current = { input: text, key: newKey() };
    return { ...input, idempotencyKey: asked.current.key };
  };
  /** Forgets the key once an answer says what came of it: Stripe's silence doesn't, and neither does ours. */
  const heard = ({ problem, userErrors }: Pick<Answer<unknown>, 'problem' | 'userErrors'>) => {
    if (!problem && userErrors.every(({ code }) => code !== 'STRIPE_UNAVAILABLE')) asked.current = undefined;
  };
  return { once, heard };
}

/** Something that is done with an order once, however often the button is pressed. */
export function useOnce(done: string, onClose: () => void) {
  const { once, heard } = useKey();
  const [refused, setRefused] = useState<string | null>(null);
  const settle = (answer: Answer<unknown>) => {
    heard(answer);
    setRefused(answer.words);
    if (answer.words) return;
    toast(done);
    onClose();
  };
  return { once, refused, settle };
}
