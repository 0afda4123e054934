Register-ArgumentCompleter -Native -CommandName jobctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                $_.Value
            } else {
                $_.Extent.Text
            }
        })
    if ($wordToComplete -eq '') { $words += '' }
    $env:COMP_WORDS = $words -join [char]0x1f
    $env:_JOBCTL_COMPLETE = 'complete_powershell'
    try {
        $kind, $offers = @(& $words[0] 2>$null)
    } finally {
        $env:COMP_WORDS = $env:_JOBCTL_COMPLETE = $null
    }
    if ($kind -eq 'files') { return }
    # without any answer PowerShell would offer files
    if (-not $offers) { return '' }
    $offers | ForEach-Object {
        $word, $name, $help = $_ -split "`t" | ForEach-Object { [uri]::UnescapeDataString($_) }
        [System.Management.Automation.CompletionResult]::new($word, $name, 'ParameterValue', $help)
    }
}
