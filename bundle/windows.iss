; Inno Setup: the bundle as an installer for one user, without an administrator's rights.
; NEVER RUN BY US: we have no Windows machine. The workflow .github/workflows/bundle.yml runs it.
#ifndef Version
  #define Version "0.1.0"
#endif

[Setup]
AppId={{6E9E3B2B-6C4F-4E61-9C36-0C8C2C3B7A11}
AppName=Avatarify
AppVersion={#Version}
AppPublisher=The Avatarify maintainers
DefaultDirName={localappdata}\Programs\Avatarify
DefaultGroupName=Avatarify
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile=..\dist\avatarify\licences\README.txt
OutputDir=..\dist
OutputBaseFilename=avatarify-{#Version}-setup
Compression=lzma2
SolidCompression=yes
UninstallDisplayIcon={app}\avatarify.exe
ChangesAssociations=yes

[Files]
Source: "..\dist\avatarify\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\Avatarify"; Filename: "{app}\avatarify.exe"; Parameters: "app"

[Registry]
; "Open with" for pictures; what opens them by a double click stays as it is.
Root: HKCU; Subkey: "Software\Classes\Applications\avatarify.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "Avatarify"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\Applications\avatarify.exe\shell\open\command"; ValueType: string; ValueData: """{app}\avatarify.exe"" app ""%1"""
Root: HKCU; Subkey: "Software\Classes\Applications\avatarify.exe\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\avatarify.exe\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\avatarify.exe\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\avatarify.exe\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""

[Run]
Filename: "{app}\avatarify.exe"; Parameters: "app"; Description: "Start Avatarify"; Flags: postinstall nowait skipifsilent
