{{/* What several objects share. Names are fixed: a namespace has one release. */}}

{{- define "labels" -}}
app.kubernetes.io/name: fakeprint
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Labels of an object, not of its pods: those are never changed, since selectors cannot be. */}}
{{- define "metadata" -}}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- if .component }}
  {{- include "labels" . | nindent 2 }}
  {{- else }}
  app.kubernetes.io/name: fakeprint
  {{- end }}
  app.kubernetes.io/instance: {{ .root.Release.Name }}
  app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "image" -}}
{{ .root.Values.images.registry }}/fakeprint-{{ .half }}:{{ .root.Values.images.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What every pod has in common. */}}
{{- define "pod" -}}
automountServiceAccountToken: false
securityContext: {runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{/* A component's pods lie on several nodes, and in several zones, where there are any. */}}
{{- define "spread" -}}
topologySpreadConstraints:
  {{- range tuple "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "labels" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{/* Pods are replaced where settings change. */}}
{{- define "settings-digest" -}}
fakeprint/settings: {{ include "settings" . | sha256sum }}
{{- end }}

{{- define "settings" -}}
FAKEPRINT_SECRETS: /run/secrets/fakeprint
AWS_SHARED_CREDENTIALS_FILE: /run/secrets/fakeprint/aws_credentials
FAKEPRINT_HOST: 0.0.0.0
FAKEPRINT_PORT: "8000"
FAKEPRINT_PUBLIC_URL: https://{{ .Values.host }}
FAKEPRINT_DATA: /var/lib/fakeprint
FAKEPRINT_KEYS_URL: file:///var/lib/fakeprint-keys
FAKEPRINT_LOG_FORMAT: json
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* The probes of a worker: it answers through its queue's own channel. */}}
{{- define "checks" -}}
startupProbe:
  exec: {command: [fakeprint, worker, --queues, {{ .queue }}, --check]}
  periodSeconds: 10
  timeoutSeconds: 10
  failureThreshold: 12
livenessProbe:
  exec: {command: [fakeprint, worker, --queues, {{ .queue }}, --check]}
  periodSeconds: 30
  timeoutSeconds: 10
  failureThreshold: 3
{{- end }}

{{- define "mounts" -}}
- {name: secrets, mountPath: /run/secrets/fakeprint, readOnly: true}
- {name: data, mountPath: /var/lib/fakeprint}
- {name: keys, mountPath: /var/lib/fakeprint-keys}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{/* True where KEDA, or the autoscaler, says how many there are. */}}
{{- define "scaled" -}}
{{- if and .root.Values.scaling.enabled .kind.seconds (lt (int .kind.replicas.min) (int .kind.replicas.max)) }}true{{ end }}
{{- end }}

{{- define "class" -}}
{{- with .class }}storageClassName: {{ . }}{{ end }}
{{- end }}

{{- define "before" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: "0"
helm.sh/hook-delete-policy: before-hook-creation
{{- end }}
