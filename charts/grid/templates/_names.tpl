{{/* The prefix of every object's name. */}}
{{- define "grid.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The selector of the pods of a tier. Must never change between versions. Takes (list . "silo"). */}}
{{- define "grid.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* The labels of an object of a tier. Takes (list . "silo"). */}}
{{- define "grid.labels" -}}
{{- $root := index . 0 -}}
{{ include "grid.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: grid
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image by its digest if there is one, else by its tag. Takes (list . .Values.silo.image). */}}
{{- define "grid.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $name := $image.repository -}}
{{- with $root.Values.image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ $image.tag | default $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The names of Secrets: existing ones, or those that the chart creates instead. */}}
{{- define "grid.secretName" -}}{{ include "grid.fullname" . }}-connections{{- end -}}
{{- define "grid.redisSecret" -}}{{ .Values.redis.existingSecret | default (include "grid.secretName" .) }}{{- end -}}
{{- define "grid.postgresSecret" -}}{{ .Values.postgres.existingSecret | default (include "grid.secretName" .) }}{{- end -}}
{{- define "grid.keysSecret" -}}{{ .Values.keys.existingSecret | default (printf "%s-keys" (include "grid.fullname" .)) }}{{- end -}}
{{- define "grid.tlsSecret" -}}
{{- if .Values.tls.existingSecret }}{{ .Values.tls.existingSecret }}
{{- else if .Values.tls.certManager.enabled }}{{ include "grid.fullname" . }}-members{{ end -}}
{{- end -}}
{{- define "grid.serviceAccount" -}}{{ .Values.serviceAccount.name | default (include "grid.fullname" .) }}{{- end -}}

{{/* The number of databases. */}}
{{- define "grid.databases" -}}
{{- if .Values.postgres.existingSecret -}}{{ .Values.postgres.databases }}
{{- else if .Values.postgres.connectionStrings -}}{{ len .Values.postgres.connectionStrings }}
{{- else -}}1{{- end -}}
{{- end -}}
