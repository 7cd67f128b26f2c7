/** Without the blanks and the carriage return at its ends: into `_text`. */
const trimmed = `trimmed() { _text=$1; while :; do case $_text in [[:space:]]*) _text=\${_text#?} ;; *[[:space:]]) _text=\${_text%?} ;; *) return ;; esac; done; }`

/** Between quotes: the two are taken off, and between double ones a backslash before what it escapes. */
const unquoted = [
  `\\"*\\") _value=\${_value#?}; _value=$(printf %s "\${_value%?}" | sed 's/\\\\\\(["\\\\$\`]\\)/\\1/g') ;;`,
  `\\'*\\') _value=\${_value#?}; _value=\${_value%?} ;;`,
]

/**
 * The variables of the stage, from `{root}/shared/{stage}.env`, for a shell: what systemd does with an `EnvironmentFile=` that is
 * written as our documents say. Nothing of it is run and nothing expanded; between double quotes a backslash stands before `"`, `\`,
 * `$` and a backtick. What has no name of a variable is skipped, and so is `DEPLOY_*`. Where the file cannot be read, nothing is
 * started. `stage_env.py` of the recipe django reads it alike.
 */
export const readVariables = [
  `{ ${trimmed}`,
  '_file=$DEPLOY_SHARED/$DEPLOY_STAGE.env',
  'test ! -e "$_file" || while IFS= read -r _line || test -n "$_line"',
  'do case $_line in *=*) ;; *) continue ;; esac',
  `trimmed "\${_line%%=*}"; _name=$_text`,
  'case $_name in ""|[0-9]*|*[!A-Za-z0-9_]*|DEPLOY_*) continue ;; esac',
  `trimmed "\${_line#*=}"; _value=$_text`,
  `case $_value in ${unquoted.join(' ')} esac`,
  'export "$_name=$_value"',
  'done < "$_file"',
  '}',
].join('; ')
