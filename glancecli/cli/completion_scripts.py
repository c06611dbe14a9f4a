"""The scripts that shells source for completion. They ask the program itself at each TAB.

Whatever the program answers is data to them: no script evaluates it. ``{name}`` is the program.
"""

# What bash writes into the line must be quoted already; compopt is not in the bash 3.2 of macOS.
BASH = """\
_{name}() {{
    local answer program=$1
    case $program in "~/"*) program=$HOME/${{program#"~/"}} ;; esac
    COMPREPLY=()
    while IFS= read -r answer; do
        case $answer in
            '=files') compopt -o default 2>/dev/null || while IFS= read -r answer; do
                COMPREPLY+=("$answer")
            done < <(compgen -f -- "$2") ;;
            *) COMPREPLY+=("$answer") ;;
        esac
    done < <("$program" complete bash -- "${{COMP_LINE:0:COMP_POINT}}" "$2" 2>/dev/null </dev/null)
}}
complete -F _{name} {name}
"""

# compadd quotes what it writes into the line, and compares it with what is there.
ZSH = """\
#compdef {name}
_{name}() {{
    local program=${{(Q)words[1]}} line
    local -i width at
    local -a offers values about shown
    [[ $program == "~/"* ]] && program=$HOME/${{program#"~/"}}
    offers=("${{(@f)$("$program" complete zsh -- "${{(@Q)words[2,CURRENT-1]}}" "$PREFIX" \\
        2>/dev/null </dev/null)}}")
    for line in "${{(@)offers:#}}"; do
        if [[ $line == '=files' ]]; then
            [[ $PREFIX == --*=* ]] && compset -P '*='
            _files
            continue
        fi
        values+=("${{line%%$'\\t'*}}")
        about+=("${{${{line#*$'\\t'}}:#${{values[-1]}}}}")
        (( ${{#values[-1]}} > width )) && width=${{#values[-1]}}
    done
    if [[ -z ${{(j::)about}} ]]; then
        compadd -a values
        return
    fi
    for (( at = 1; at <= $#values; at++ )); do
        line="${{(mr:width:)values[at]}}  -- ${{about[at]}}"
        shown+=("${{line[1,COLUMNS-1]}}")
    done
    compadd -l -d shown -a values
}}
if [[ ${{funcstack[1]}} == _{name} ]]; then
    _{name}
else
    compdef _{name} {name}
fi
"""

# fish quotes what it writes into the line, and compares it with what is there.
FISH = """\
function __{name}_offers
    set -l words (commandline -opc | string match -rv '^\\w+=')
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    $program complete fish -- $words[2..] $current 2>/dev/null </dev/null | while read -l offer
        if test "$offer" = "=files"
            set -l before (string match -r '^--[^=]*=' -- $current)
            set -l path (string replace -r '^--[^=]*=' '' -- $current)
            __fish_complete_path "$path" | string replace -r '^' -- "$before"
        else
            echo -- $offer
        end
    end
end
complete -c {name} -f -a '(__{name}_offers)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
