import { X } from 'lucide-react';
import { type ReactNode, useContext } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import * as t from '../messages/en';
import { PageBars } from './PageBars';

type Props = {
  title: string;
  below?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
  onClose: () => void;
  alert?: boolean;
  wide?: boolean;
};

/** A dialog: focus moves in, stays, and returns; Escape closes. On a phone it fills the foot of the screen. */
export function Dialog({ title, below, children, foot, onClose, alert, wide }: Props) {
  const bars = useContext(PageBars);
  return (
    <ModalOverlay
      isOpen
      isDismissable={!alert}
      onOpenChange={(open) => !open && onClose()}
      className="fade fixed inset-0 z-20 flex items-end justify-center bg-scrim sm:items-center sm:p-6"
    >
      <Modal
        className={`appear flex max-h-[92dvh] w-full flex-col rounded-t-dialog bg-raised shadow-float sm:max-h-[calc(100dvh-3rem)] sm:rounded-dialog ${wide ? 'sm:max-w-[44rem]' : 'sm:max-w-[30rem]'}`}
      >
        <AriaDialog role={alert ? 'alertdialog' : 'dialog'} className="flex min-h-0 flex-col outline-none">
          <div className="shrink-0 overflow-hidden rounded-t-dialog empty:hidden">{bars}</div>
          <div className="flex items-start gap-3 px-5 pt-5 pb-3 sm:px-6">
            <div className="min-w-0 grow">
              <Heading slot="title" className="text-title font-semibold tracking-[-0.01em] [overflow-wrap:anywhere]">
                {title}
              </Heading>
              {below && <div className="mt-0.5 text-sm text-ink-2">{below}</div>}
            </div>
            <button
              type="button"
              aria-label={t.common.close}
              onClick={onClose}
              className="-mt-1.5 -mr-2 grid size-11 cursor-pointer place-items-center rounded-control text-ink-3 hover:bg-sunken hover:text-ink sm:size-9"
            >
              <X aria-hidden size={18} />
            </button>
          </div>
          <div className="min-h-0 overflow-y-auto overscroll-contain px-5 pb-5 sm:px-6">{children}</div>
          {foot && (
            <div className="flex flex-wrap items-start justify-end gap-2 border-t border-hairline px-5 py-4 sm:px-6">
              {foot}
            </div>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
