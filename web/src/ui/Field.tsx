import type { ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input, TextArea } from 'react-aria-components';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField } from 'react-aria-components/TextField';
import { fieldClass } from './Field.styles';

type Props = {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  error?: string | null;
  type?: string;
  placeholder?: string;
  lines?: number;
  required?: boolean;
  focus?: boolean;
  secret?: boolean;
};

/** One line of text with its label, its hint, and what is wrong with it. */
export function Field({
  label,
  value,
  onChange,
  hint,
  error,
  type = 'text',
  placeholder,
  lines,
  required,
  focus,
  secret,
}: Props) {
  return (
    <TextField
      value={value}
      onChange={onChange}
      isInvalid={Boolean(error)}
      isRequired={required}
      type={type}
      // Where a dialog has one thing to type first, that is where its focus belongs.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus={focus}
      validationBehavior="aria"
      className="grid gap-1.5"
      autoComplete={secret ? 'off' : undefined}
    >
      <Label className="text-sm font-medium">{label}</Label>
      {lines ? (
        <TextArea rows={lines} placeholder={placeholder} className={`${fieldClass} py-2`} />
      ) : (
        <Input placeholder={placeholder} spellCheck={secret ? 'false' : undefined} className={fieldClass} />
      )}
      {hint && !error && (
        <Text slot="description" className="text-xs text-ink-2">
          {hint}
        </Text>
      )}
      <FieldError className="text-xs text-critical">{error}</FieldError>
    </TextField>
  );
}
