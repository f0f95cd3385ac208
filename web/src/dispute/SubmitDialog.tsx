import * as b from '../messages/books';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';

type Props = { busy: boolean; onGo: () => void; onClose: () => void };

/** A submission is final: it's asked for by name. */
export default function SubmitDialog({ busy, onGo, onClose }: Props) {
  return (
    <Dialog
      alert
      title={b.disputes.submitTitle}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{b.disputes.submitBack}</Act>
          <Act kind="danger" busy={busy} onPress={onGo}>
            {b.disputes.submitGo}
          </Act>
        </>
      }
    >
      <p className="text-ink-2">{b.disputes.submitText}</p>
    </Dialog>
  );
}
