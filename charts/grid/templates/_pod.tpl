{{/* Settings as environment variables: {Silo: {ResponseTimeout: x}} is Grid__Silo__ResponseTimeout=x. Takes (list "Grid" map). */}}
{{- define "grid.settings" -}}
{{- $prefix := index . 0 -}}
{{- range $name, $value := index . 1 }}
{{- if kindIs "map" $value }}
{{- include "grid.settings" (list (printf "%s__%s" $prefix $name) $value) }}
{{- else if not (kindIs "invalid" $value) }}
{{- /* YAML's numbers come as floats: a whole one is written without an exponent. */}}
{{- $text := toString $value }}
{{- if kindIs "float64" $value }}
{{- if eq (floor $value) $value }}{{ $text = int64 $value | toString }}{{ end }}
{{- end }}
{{ $prefix }}__{{ $name }}: {{ quote $text }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where the store is. One variable for each database: their order is part of the data. */}}
{{- define "grid.postgresEnv" -}}
{{- $secret := include "grid.postgresSecret" . -}}
{{- range $number := until (int (include "grid.databases" .)) }}
- name: Grid__Postgres__{{ $number }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: postgres-{{ $number }}
{{- end }}
{{- end -}}

{{/* Where the membership of the silos is. Takes (list . "Grid__Redis"). */}}
{{- define "grid.redisEnv" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "grid.redisSecret" (index . 0) }}
      key: redis
{{- end -}}

{{/* The pods are no one's administrators, and say so where admission controllers look. */}}
{{- define "grid.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "grid.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 1654
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The data folder holds only the key ring in a cluster; what else a process writes there is lost with its pod. */}}
{{- define "grid.volumeMounts" -}}
- name: data
  mountPath: /var/lib/grid
- name: keys
  mountPath: /var/lib/grid/keys
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end -}}

{{- define "grid.volumes" -}}
- name: data
  emptyDir:
    sizeLimit: 256Mi
- name: keys
  secret:
    secretName: {{ include "grid.keysSecret" . }}
    # Read by the group that owns the volumes.
    defaultMode: 0440
    items:
      - key: ring.json
        path: ring.json
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- end -}}

{{/* Liveness asks the process alone: a store or a Redis that is gone is no reason to kill what still shows codes. */}}
{{- define "grid.probes" -}}
startupProbe:
  httpGet:
    path: /livez
    port: http
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: {{ div (add (int .startupSeconds) 4) 5 }}
livenessProbe:
  httpGet:
    path: /livez
    port: http
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}

{{/* A pod that leaves is first taken out of the services, then drains, and has time left when it is through. */}}
{{- define "grid.graceSeconds" -}}
{{ add .leaveSeconds .drainSeconds 10 }}
{{- end -}}

{{/* Spread over zones where there are zones, over machines everywhere. Takes (list . "silo"). */}}
{{- define "grid.spread" -}}
{{- $root := index . 0 -}}
{{- $spread := (index $root.Values (index . 1)).topologySpread -}}
{{- if $spread.enabled -}}
topologySpreadConstraints:
  {{- range $key, $when := dict "topology.kubernetes.io/zone" $spread.zone "kubernetes.io/hostname" $spread.node }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "grid.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* Where a tier's pods may run. */}}
{{- define "grid.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
