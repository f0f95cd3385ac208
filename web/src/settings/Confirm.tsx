import { lazy, Suspense, useState } from 'react';
import { Act } from '../ui/Act';
import { Notice } from '../ui/Notice';

const Dialog = lazy(() => import('../ui/Dialog').then((module) => ({ default: module.Dialog })));

type Props = {
  title: string;
  text: string;
  act: string;
  keep: string;
  onGo: () => Promise<string | null>;
  onClose: () => void;
};

/** Names what is taken away and from whom, before it is; onGo returns why it could not be. */
export function Confirm({ title, text, act, keep, onGo, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const go = async () => {
    setBusy(true);
    const words = await onGo();
    setBusy(false);
    if (words) setRefused(words);
    else onClose();
  };
  return (
    <Suspense>
      <Dialog
        alert
        title={title}
        onClose={onClose}
        foot={
          <>
            <Act onPress={onClose}>{keep}</Act>
            <Act kind="danger" busy={busy} onPress={() => void go()}>
              {act}
            </Act>
          </>
        }
      >
        <p className="text-ink-2">{text}</p>
        {refused && (
          <div className="mt-4">
            <Notice tone="critical" urgent>
              {refused}
            </Notice>
          </div>
        )}
      </Dialog>
    </Suspense>
  );
}
